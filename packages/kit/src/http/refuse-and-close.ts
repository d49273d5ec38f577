import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "./edge.ts";
import { securityHeaders } from "./respond.ts";

const patienceMs = 2000;
const patienceBytes = 16 * 1024 * 1024;

/**
 * Refuses a body that is still on its way, then closes the connection.
 *
 * The answer is complete at once, but the socket stays open a moment and what arrives is thrown away: closing with
 * unread bytes makes the kernel reset the connection, and the client would see a broken pipe instead of the answer.
 */
export function refuseAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  { status, code, message }: Refusal,
): void {
  const body = JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id: null });
  response.writeHead(status, {
    ...securityHeaders,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  response.write(body);
  const close = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, patienceMs);
  let discarded = 0;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > patienceBytes) close();
  });
  request.once("end", close);
  request.once("close", close);
  request.resume();
}
