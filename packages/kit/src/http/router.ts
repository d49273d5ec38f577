import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../define-tool.ts";
import type { Runtime } from "../runtime.ts";
import { readJsonBody } from "./body.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { checkContentHeaders, checkHostAndOrigin, type EdgeConfig, type Refusal, rawPath, rawQuery } from "./edge.ts";
import type { Exchange } from "./exchange.ts";
import { answerHealth } from "./health.ts";
import { refuseAndClose } from "./refuse-and-close.ts";
import { sendJsonRpcError } from "./respond.ts";

/** Answers one exchange. */
export type Handler = (exchange: Exchange) => Promise<void> | void;

/** What happens at one path, by method. */
export interface RouterRoute {
  readonly handlers: Readonly<Partial<Record<string, Handler>>>;
  /** Gets the JSON body, read, checked and parsed. */
  readonly POST?: (exchange: Exchange, body: unknown) => Promise<void> | void;
  readonly maxBody: number;
}

/** Decides who calls. Answers by itself and returns `undefined` to refuse. */
export type Gate = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<{ readonly principal?: Principal } | undefined>;

export interface RouterConfig {
  readonly edge: (request: IncomingMessage) => EdgeConfig;
  readonly routes: ReadonlyMap<string, RouterRoute>;
  readonly runtimes: readonly Runtime[];
  readonly gate?: Gate | undefined;
  readonly onBug: (error: unknown) => void;
}

/** Creates the request listener: the checks of kit.md section 6 in their order, then the route. */
export function createRouter(config: RouterConfig): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    route(config, request, response).catch((error: unknown) => {
      config.onBug(error);
      if (!response.headersSent) sendJsonRpcError(response, 500, -32603, "Internal error.");
      else response.destroy();
    });
  };
}

async function route(config: RouterConfig, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = rawPath(request);
  if (config.runtimes.some((runtime) => runtime.phase === "draining")) response.setHeader("Connection", "close");
  if (answerHealth(request, response, path, config.runtimes)) return;
  const edge = config.edge(request);
  const refusal = checkHostAndOrigin(request, edge);
  if (refusal) return refuse(response, refusal);
  setCorsHeaders(request, response, edge.corsOrigins);
  const found = config.routes.get(path);
  if (!found) return sendJsonRpcError(response, 404, -32000, "Not found. The endpoint is named by --path.");
  if (answerPreflight(request, response, edge.corsOrigins)) return;
  const takesJson = request.method === "POST" && found.POST !== undefined;
  const handler = methodsOf(found).includes(request.method ?? "") ? found.handlers[request.method ?? ""] : undefined;
  if (!handler && !takesJson) {
    const allow = methodsOf(found).join(", ");
    return sendJsonRpcError(response, 405, -32000, "Method not allowed.", null, undefined, { Allow: allow });
  }
  const admitted = config.gate ? await config.gate(request, response) : {};
  if (!admitted) return;
  const exchange: Exchange = { request, response, path, query: rawQuery(request), ...admitted };
  await (handler ? handler(exchange) : receive(found, exchange));
}

async function receive(found: RouterRoute, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const refusal = checkContentHeaders(request);
  if (refusal) return refuse(response, refusal);
  if (request.headers.expect !== undefined) response.writeContinue();
  const outcome = await readJsonBody(request, found.maxBody);
  switch (outcome.kind) {
    case "body":
      await found.POST?.(exchange, outcome.body);
      return;
    case "refused":
      if (outcome.refusal.status === 413) refuseAndClose(request, response, outcome.refusal);
      else refuse(response, outcome.refusal);
      return;
    case "gone":
      return;
  }
}

function methodsOf(found: RouterRoute): string[] {
  return [...(found.POST ? ["POST"] : []), ...Object.keys(found.handlers)];
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  sendJsonRpcError(response, status, code, message);
}
