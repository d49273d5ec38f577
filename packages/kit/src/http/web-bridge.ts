import type { IncomingMessage, ServerResponse } from "node:http";
import { isJSONRPCErrorResponse } from "@modelcontextprotocol/server";
import { answerText } from "../answer-text.ts";
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

const headerMismatch = -32020;
const mismatch =
  "The request headers and body disagree: MCP-Protocol-Version, Mcp-Method, Mcp-Name and each Mcp-Param header must be " +
  "there where the revision asks for them, once, and say what the body says.";

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
    const body = Buffer.from(boundedText(await web.text()));
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

/** The SDK's refusals repeat names and revisions as they came in. */
function boundedText(text: string): string {
  if (!text.includes('"error"')) return text;
  const answer: unknown = JSON.parse(text);
  if (!isJSONRPCErrorResponse(answer)) return text;
  const { error } = answer;
  return answerText(
    error.code === headerMismatch ? { ...answer, error: { code: error.code, message: mismatch } } : answer,
  );
}
