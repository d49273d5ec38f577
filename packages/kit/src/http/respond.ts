import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Refusal } from "./edge.ts";

/** On every response: nothing this server says is to be sniffed, cached or run by a browser. */
export const securityHeaders = {
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/**
 * Answers with JSON; does nothing when the client is gone or an answer was begun.
 *
 * @param headers Beside the security headers and those already set on the response (CORS), which stay.
 */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers?: OutgoingHttpHeaders): void {
  sendJsonText(response, status, JSON.stringify(body), headers);
}

/** `sendJson` for a body that is JSON text already. */
export function sendJsonText(
  response: ServerResponse,
  status: number,
  json: string,
  headers?: OutgoingHttpHeaders,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...securityHeaders,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(json),
    ...headers,
  });
  response.end(json);
}

/**
 * Refuses in the shape every MCP client parses: a JSON-RPC error.
 *
 * @param message Never repeats what the request said.
 * @param id The request's id, `null` where no single one is known.
 */
export function sendJsonRpcError(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  id: string | number | null = null,
  data?: unknown,
  headers?: OutgoingHttpHeaders,
): void {
  const error = data === undefined ? { code, message } : { code, message, data };
  sendJson(response, status, { jsonrpc: "2.0", error, id }, headers);
}

/**
 * The one answer to every session id that is not the caller's: unknown, expired, deleted and foreign ids are told apart
 * by nobody.
 */
export function sendNotFound(response: ServerResponse): void {
  sendJsonRpcError(response, 404, -32001, "Session not found");
}

/** Refuses a new session; `retryAfter` in seconds. */
export function sendFull(response: ServerResponse, retryAfter: number): void {
  const headers = { "Retry-After": retryAfter };
  sendJsonRpcError(response, 503, -32000, "All sessions are in use. Try again later.", null, undefined, headers);
}

/** What a call gets that is cut when the server closes. */
export function sendClosing(response: ServerResponse): void {
  const headers = { "Retry-After": 1 };
  sendJsonRpcError(response, 503, -32000, "The server is closing. Try again.", null, undefined, headers);
}

/** Answers with the refusal of a check. */
export function sendRefusal(response: ServerResponse, { status, code, message }: Refusal): void {
  sendJsonRpcError(response, status, code, message);
}

/** Answers without a body. */
export function sendEmpty(response: ServerResponse, status: number, headers?: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) return;
  // RFC 9110 section 8.6: a 204 has no Content-Length.
  const length = status === 204 ? {} : { "Content-Length": 0 };
  response.writeHead(status, { ...securityHeaders, ...length, ...headers });
  response.end();
}

/** Begins a `text/event-stream` answer; the caller writes or flushes, so that the first event can share its packet. */
export function beginEventStream(response: ServerResponse, headers?: OutgoingHttpHeaders): void {
  response.writeHead(200, {
    ...securityHeaders,
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    // nginx buffers a response until it is complete unless told not to.
    "X-Accel-Buffering": "no",
    ...headers,
  });
}
