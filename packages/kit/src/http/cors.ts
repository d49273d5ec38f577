import type { IncomingMessage, ServerResponse } from "node:http";
import { sendEmpty } from "./respond.ts";

const methods = "POST, GET, DELETE";
const requestHeaders =
  "content-type, accept, authorization, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id, traceparent";
const exposedHeaders = "mcp-session-id, www-authenticate, retry-after";
const parameterHeader = /^mcp-param-[a-z0-9-]{1,64}$/;

/** Sets the CORS headers for an origin the operator listed; others get none (Fetch standard, CORS protocol). */
export function setCorsHeaders(request: IncomingMessage, response: ServerResponse, origins: ReadonlySet<string>): void {
  const { origin } = request.headers;
  if (origin === undefined || !origins.has(origin)) return;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Expose-Headers", exposedHeaders);
  response.setHeader("Vary", "Origin");
}

/** Answers a preflight of a listed origin; false when the request is none. */
export function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  origins: ReadonlySet<string>,
): boolean {
  const { origin } = request.headers;
  if (request.method !== "OPTIONS" || origin === undefined || !origins.has(origin)) return false;
  const asked = (request.headers["access-control-request-headers"] ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);
  const parameters = asked.filter((name) => parameterHeader.test(name)).slice(0, 32);
  response.setHeader("Access-Control-Allow-Methods", methods);
  response.setHeader("Access-Control-Allow-Headers", [requestHeaders, ...parameters].join(", "));
  response.setHeader("Access-Control-Max-Age", "600");
  sendEmpty(response, 204);
  return true;
}
