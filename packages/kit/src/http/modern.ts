import {
  type AuthInfo,
  classifyInboundRequest,
  createMcpHandler,
  type InboundClassificationOutcome,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type McpHttpHandler,
  type McpServer,
} from "@modelcontextprotocol/server";
import { answerText } from "../answer-text.ts";
import { authInfoOf, type ConnectionInfo, callerOf } from "../connection.ts";
import { createMcp } from "../create-mcp.ts";
import type { Principal } from "../define-tool.ts";
import type { Runtime } from "../runtime.ts";
import type { Exchange } from "./exchange.ts";
import { createListenStreams, type ListenStreams } from "./listen-streams.ts";
import { type ModernExchange, ModernTransport } from "./modern-transport.ts";
import { progressKey } from "./progress-key.ts";
import { sendJsonText } from "./respond.ts";
import { EventStream, eventFrame } from "./streams.ts";
import { toWebRequest, writeWebResponse } from "./web-bridge.ts";

/** Serves 2026-07-28 requests of one runtime. */
export interface ModernHandler {
  /** @param outcome What `classify` said of the same body. */
  post(exchange: Exchange, body: unknown, outcome: InboundClassificationOutcome): Promise<void>;
  /** Ends listen streams with their results; calls in flight go on. */
  endListens(): void;
  close(): Promise<void>;
}

export interface ModernOptions {
  readonly keepaliveMs: number;
  readonly maxListens: number;
  readonly maxQueuedBytes: number;
  /** True to answer everything by the SDK's own path; tests compare both byte for byte. */
  readonly slow?: boolean;
}

/** The era decision for one POST: the SDK's own classifier on the parsed body. */
export function classify(exchange: Exchange, body: unknown): InboundClassificationOutcome {
  const { headers } = exchange.request;
  const version = one(headers["mcp-protocol-version"]);
  const method = one(headers["mcp-method"]);
  const name = one(headers["mcp-name"]);
  return classifyInboundRequest({
    httpMethod: "POST",
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(method !== undefined && { mcpMethodHeader: method }),
    ...(name !== undefined && { mcpNameHeader: name }),
    body,
  });
}

export function createModern(runtime: Runtime, options: ModernOptions): ModernHandler {
  const listens = createListenStreams(runtime, options);
  const pool = new ServerPool(runtime);
  const sdk = sdkHandler(runtime, options);
  return {
    async post(exchange, body, outcome) {
      const request = options.slow ? undefined : plainRequest(runtime, exchange, outcome);
      if (request === undefined) return serveBySdk(sdk, exchange, body, options.maxQueuedBytes);
      if (request.method === "subscriptions/listen") return listenOrRefuse(listens, sdk, exchange, request, options);
      const transport = await pool.transportFor(exchange.principal);
      const answer = new HttpAnswer(exchange, options);
      answer.onCancel = transport.dispatch(request, answer, callerInfo(exchange, request));
    },
    endListens: () => listens.endAll(),
    async close() {
      listens.endAll();
      await Promise.all([sdk.close(), pool.close()]);
    },
  };
}

const nameFields: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};
const plainMethods = new Set([
  "tools/list",
  "tools/call",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "completion/complete",
  "subscriptions/listen",
]);

/**
 * The request if nothing about it needs the SDK's own header checks: revision and method headers present and equal to
 * the body (the classifier compares them), the name header literally equal, no parameter headers. All else is the
 * SDK's business, refusals included.
 */
function plainRequest(
  runtime: Runtime,
  exchange: Exchange,
  outcome: InboundClassificationOutcome,
): JSONRPCRequest | undefined {
  const { headers } = exchange.request;
  if (headers["mcp-protocol-version"] !== "2026-07-28" || headers["mcp-method"] === undefined) return undefined;
  if (outcome.kind !== "modern" || outcome.messageKind !== "request" || !isJSONRPCRequest(outcome.message)) {
    return undefined;
  }
  const { message } = outcome;
  if (!plainMethods.has(message.method) || outcome.classification.revision !== "2026-07-28") return undefined;
  const field = nameFields[message.method];
  if (field === undefined) return message;
  const name = message.params?.[field];
  if (typeof name !== "string" || headers["mcp-name"] !== name || name.startsWith("=?")) return undefined;
  const needsHeaderCheck = message.method === "tools/call" && runtime.tools.get(name)?.hasHeaderParameters === true;
  return needsHeaderCheck ? undefined : message;
}

function callerInfo(exchange: Exchange, request: JSONRPCRequest): AuthInfo {
  return authInfoOf(exchange.principal, { requestId: request.id, connection: exchange });
}

/** Servers that live as long as the process: one for everybody, or one per principal where `setup` may look at it. */
class ServerPool {
  static readonly maxPrincipals = 256;
  readonly #runtime: Runtime;
  readonly #entries = new Map<string, Promise<{ mcp: McpServer; transport: ModernTransport }>>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  async transportFor(principal: Principal | undefined): Promise<ModernTransport> {
    const perPrincipal = this.#runtime.definition.setup !== undefined && principal !== undefined;
    const key = perPrincipal ? principal.id : "";
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#create(perPrincipal ? principal : undefined);
      this.#entries.set(key, entry);
      // `setup` may fail once and not again.
      entry.catch(() => this.#entries.delete(key));
      // The oldest is only forgotten: its calls in flight hold it until they are answered.
      const oldest = this.#entries.keys().next().value;
      if (this.#entries.size > ServerPool.maxPrincipals && oldest !== undefined) this.#entries.delete(oldest);
    }
    return (await entry).transport;
  }

  async close(): Promise<void> {
    const entries = await Promise.allSettled(this.#entries.values());
    this.#entries.clear();
    await Promise.all(entries.map(async (entry) => entry.status === "fulfilled" && entry.value.mcp.close()));
  }

  async #create(principal: Principal | undefined): Promise<{ mcp: McpServer; transport: ModernTransport }> {
    const { mcp } = createMcp(this.#runtime, modernInfo(principal));
    const transport = new ModernTransport();
    await mcp.connect(transport);
    return { mcp, transport };
  }
}

/** One response: JSON if the answer comes first, a stream as soon as a notification does. */
class HttpAnswer implements ModernExchange {
  onCancel: () => void = () => {};
  readonly #exchange: Exchange;
  readonly #options: ModernOptions;
  #stream: EventStream | undefined;

  constructor(exchange: Exchange, options: ModernOptions) {
    this.#exchange = exchange;
    this.#options = options;
    exchange.response.once("close", () => this.onCancel());
  }

  notification(message: JSONRPCMessage): void {
    this.#stream ??= new EventStream(this.#exchange.response, this.#options);
    this.#stream.send(eventFrame(JSON.stringify(message)), progressKey(message));
  }

  answer(message: JSONRPCResponse, status: number): void {
    const text = answerText(message);
    if (this.#stream === undefined) {
      sendJsonText(this.#exchange.response, status, text);
      return;
    }
    this.#stream.send(eventFrame(text));
    this.#stream.end();
  }
}

function sdkHandler(runtime: Runtime, options: ModernOptions): McpHttpHandler {
  return createMcpHandler((context) => createMcp(runtime, modernInfo(callerOf(context.authInfo).principal)).mcp, {
    legacy: "reject",
    bus: runtime.hub.bus,
    keepAliveMs: options.keepaliveMs,
    maxSubscriptions: options.maxListens,
    onerror: (error) => runtime.log.debug("request refused", { reason: error.message }),
  });
}

async function serveBySdk(
  sdk: McpHttpHandler,
  exchange: Exchange,
  body: unknown,
  maxQueuedBytes: number,
): Promise<void> {
  const gone = new AbortController();
  exchange.response.once("close", () => gone.abort());
  const requestId = isJSONRPCRequest(body) ? body.id : undefined;
  const authInfo = authInfoOf(exchange.principal, {
    connection: exchange,
    ...(requestId !== undefined && { requestId }),
  });
  const web = await sdk.fetch(toWebRequest(exchange.request, gone.signal), { parsedBody: body, authInfo });
  await writeWebResponse(web, exchange.response, maxQueuedBytes);
}

async function listenOrRefuse(
  listens: ListenStreams,
  sdk: McpHttpHandler,
  exchange: Exchange,
  request: JSONRPCRequest,
  options: ModernOptions,
): Promise<void> {
  // An invalid filter is answered by the SDK, as every other refusal.
  if (!(await listens.open(exchange, request))) await serveBySdk(sdk, exchange, request, options.maxQueuedBytes);
}

function modernInfo(principal: Principal | undefined): ConnectionInfo {
  return { era: "2026", transport: "http", canAsk: true, ...(principal && { principal }) };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
