import type { Route, RouteResponse } from "../define-route.ts";
import { hasAccess } from "../define-server.ts";
import type { Runtime } from "../runtime.ts";
import { readBytes, tooLarge } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { refuseAndClose } from "./refuse-and-close.ts";
import { securityHeaders, sendEmpty, sendJson, sendJsonRpcError } from "./respond.ts";
import type { RouterRoute } from "./router.ts";

/** The router's view of the routes that definitions add, by path. */
export function definitionRoutes(runtime: Runtime, maxBody: number): Map<string, RouterRoute> {
  const byPath = new Map<string, Route[]>();
  for (const route of runtime.definition.routes ?? []) {
    byPath.set(route.path, [...(byPath.get(route.path) ?? []), route]);
  }
  return new Map(
    Array.from(byPath, ([path, routes]) => {
      const handlers = routes.map((route) => [
        route.method,
        (exchange: Exchange) => answer(runtime, route, maxBody, exchange),
      ]);
      return [path, { maxBody, handlers: Object.fromEntries(handlers) }];
    }),
  );
}

async function answer(runtime: Runtime, route: Route, maxBody: number, exchange: Exchange): Promise<void> {
  const { request, response, principal } = exchange;
  if (!mayUse(runtime, route, exchange)) {
    return sendJsonRpcError(response, 403, -32000, `This endpoint needs the access level "${route.access}".`);
  }
  const contentType = mediaTypeOf(request.headers["content-type"]);
  const hasBody = route.method !== "GET" && route.method !== "DELETE";
  if (hasBody && !(route.contentTypes ?? ["application/json"]).includes(contentType)) {
    return sendJsonRpcError(response, 415, -32000, "This endpoint does not take that Content-Type.");
  }
  const limit = route.maxBody ?? maxBody;
  const declared = Number(request.headers["content-length"] ?? 0);
  const body = declared > limit ? "too-large" : await readBytes(request, limit);
  if (body === "gone") return;
  if (body === "too-large") return refuseAndClose(request, response, tooLarge(limit));
  const stop = new AbortController();
  const end = runtime.calls.begin(() => stop.abort());
  response.once("close", () => {
    if (!response.writableFinished) stop.abort();
  });
  try {
    const resources = await runtime.resources();
    const { path, query } = exchange;
    const given = { method: route.method, path, query, contentType, body };
    const context = { signal: stop.signal, log: runtime.log, notify: runtime.hub, ...(principal && { principal }) };
    write(exchange, await route.handle(given, resources, context));
  } finally {
    end();
  }
}

function mayUse(runtime: Runtime, route: Route, { principal }: Exchange): boolean {
  if (principal) return hasAccess(runtime.access, principal.access, route.access);
  return route.access === "read" || !runtime.config.readOnly;
}

function write({ response }: Exchange, { status, contentType, body }: RouteResponse): void {
  if (response.destroyed) return;
  if (body === undefined) return sendEmpty(response, status);
  if (typeof body !== "string" && !Buffer.isBuffer(body)) return sendJson(response, status, body);
  const bytes = Buffer.from(body);
  const type = contentType ?? "application/json";
  response.writeHead(status, { ...securityHeaders, "Content-Type": type, "Content-Length": bytes.length });
  response.end(bytes);
}

function mediaTypeOf(value: string | undefined): string {
  return (value ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
