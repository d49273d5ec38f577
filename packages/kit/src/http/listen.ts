import { chmod } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6, type Socket } from "node:net";
import { KitError } from "../errors.ts";
import { securityHeaders, sendJsonRpcError } from "./respond.ts";

/** Where to listen: a port of an address, or a Unix socket that only this user may connect to. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string };

/** A listening server. */
export interface Listener {
  readonly server: Server;
  /** Base URL without a path, for example `http://127.0.0.1:3001`. */
  readonly origin: string;
  readonly port: number;
}

const maxHeaderSize = 16 * 1024;
const keepAliveTimeout = 5000;
const rawAnswers: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/**
 * Starts listening with the limits of kit.md section 6, step 1.
 *
 * @throws {KitError} `ERR_PORT_IN_USE` naming the port and `--port`; `ERR_LISTEN_FAILED` for any other reason.
 */
export async function listen(
  address: Address,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listener> {
  const pending = new WeakMap<Socket, Set<ServerResponse>>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const responses = pending.get(request.socket) ?? new Set();
    pending.set(request.socket, responses.add(response));
    response.once("close", () => responses.delete(response));
    onRequest(request, response);
  };
  const server = createServer(
    {
      maxHeaderSize,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 2000,
      keepAliveTimeout,
      insecureHTTPParser: false,
      // Our own check answers with a body that says what is wrong.
      requireHostHeader: false,
    },
    handle,
  );
  // Answered by the router once the headers are judged, so that a refused body is never invited.
  server.on("checkContinue", handle);
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    sendJsonRpcError(response, 417, -32600, "The one expectation this server meets is 100-continue.");
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    // Bytes of ours would read as part of an answer under way, or as the answer to another request.
    if (Array.from(pending.get(socket) ?? []).some(isOwed)) return socket.destroySoon();
    socket.end(rawRefusal(rawAnswers[error.code ?? ""] ?? "400 Bad Request"));
  });
  await bind(server, address);
  return { server, ...bound(server, address) };
}

/** Whether a request was received whole, or its answer has begun. */
function isOwed({ req, headersSent }: ServerResponse): boolean {
  return headersSent || req.complete;
}

async function bind(server: Server, address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  if (address.kind === "tcp") server.listen({ host: address.host, port: address.port }, resolve);
  else server.listen({ path: address.path }, resolve);
  try {
    await promise;
    if (address.kind === "socket") await chmod(address.path, 0o600);
  } catch (error) {
    throw listenError(error, address);
  } finally {
    server.off("error", reject);
  }
}

function listenError(error: unknown, address: Address): KitError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
  const place = address.kind === "tcp" ? `port ${address.port} of ${address.host}` : "the socket path";
  const flag = address.kind === "tcp" ? "--port" : "--socket";
  if (code === "EADDRINUSE") {
    const text = `${place[0]?.toUpperCase()}${place.slice(1)} is already in use. Choose another with ${flag}.`;
    return new KitError("ERR_PORT_IN_USE", text, { cause: error });
  }
  const text = `Cannot listen on ${place} (${code}). Choose another with ${flag}${address.kind === "tcp" ? " or --host" : ""}.`;
  return new KitError("ERR_LISTEN_FAILED", text, { cause: error });
}

function bound(server: Server, address: Address): { origin: string; port: number } {
  const info = server.address();
  if (address.kind === "socket" || info === null || typeof info === "string") {
    return { origin: "http://localhost", port: 0 };
  }
  const host = isIPv6(info.address) ? `[${info.address}]` : info.address;
  return { origin: `http://${host}:${info.port}`, port: info.port };
}

/** What the parser refuses has no response object to answer with. */
function rawRefusal(status: string): string {
  const message = `The request cannot be read (${status}).`;
  const body = JSON.stringify({ jsonrpc: "2.0", error: { code: -32600, message }, id: null });
  const headers = Object.entries({
    ...securityHeaders,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  return `HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}
