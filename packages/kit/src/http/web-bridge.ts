import type { IncomingMessage, ServerResponse } from "node:http";
import { securityHeaders } from "./respond.ts";

/** The web-standard request of a Node request whose body is already parsed. */
export function toWebRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // Only the headers and the method are read: the body travels as `parsedBody`, the URL is never looked at.
  return new Request("http://localhost/mcp", { method: request.method ?? "GET", headers, signal });
}

/**
 * Writes a web-standard response to a Node response, streams included.
 *
 * @param maxQueued Bytes a slow reader may leave unread before its stream is cut.
 */
export async function writeWebResponse(web: Response, response: ServerResponse, maxQueued: number): Promise<void> {
  response.statusCode = web.status;
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  for (const [name, value] of web.headers) if (name !== "connection") response.setHeader(name, value);
  if (web.body === null) {
    response.end();
    return;
  }
  if (web.headers.get("content-type") !== "text/event-stream") {
    const body = Buffer.from(await web.arrayBuffer());
    response.setHeader("Content-Length", body.length);
    response.end(body);
    return;
  }
  response.flushHeaders();
  for await (const chunk of web.body) {
    if (response.destroyed) return;
    response.write(chunk);
    if (response.writableLength > maxQueued) {
      response.destroy();
      return;
    }
  }
  response.end();
}
