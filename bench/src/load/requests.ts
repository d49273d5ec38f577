/** A message or HTTP request whose ten id digits are overwritten before each use. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  /** Offset of the first id digit in `bytes`. */
  readonly idAt: number;
}

/** Where a request goes and how its client speaks. */
export type Wire =
  | { readonly kind: "modern" }
  | { readonly kind: "stateless" }
  | { readonly kind: "session"; readonly sessionId: string };

const placeholder = 1_000_000_000;
const modernRevision = "2026-07-28";
const sessionRevision = "2025-11-25";
const client = { name: "bench", version: "1.0.0" };
const envelope = {
  "io.modelcontextprotocol/protocolVersion": modernRevision,
  "io.modelcontextprotocol/clientInfo": client,
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** The `initialize` request that every 2025 connection opens with. */
export const initializeMessage: string = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: sessionRevision, capabilities: {}, clientInfo: client },
});

/** The notification after it. */
export const initializedMessage: string = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });

/** One JSON-RPC request line of a 2025 stdio connection. */
export function stdioTemplate(method: string, params: object): RequestTemplate {
  return withIdPlace(`${JSON.stringify({ jsonrpc: "2.0", id: placeholder, method, params })}\n`);
}

/** A complete HTTP/1.1 request, headers included. */
export function httpTemplate(port: number, wire: Wire, method: string, params: object): RequestTemplate {
  const parameters = wire.kind === "modern" ? { ...params, _meta: envelope } : params;
  const body = JSON.stringify({ jsonrpc: "2.0", id: placeholder, method, params: parameters });
  return withIdPlace(`${httpHead(port, headersOf(wire, method, params), Buffer.byteLength(body))}${body}`);
}

/** A request that passes every check of the edge and then turns out not to be JSON, at its very end. */
export function brokenTemplate(port: number, size: number): RequestTemplate {
  const params = { name: "echo", arguments: { text: "x".repeat(size) } };
  const whole = httpTemplate(port, { kind: "modern" }, "tools/call", params).bytes.toString("latin1");
  return withIdPlace(whole.replace(/\}$/, "]"));
}

/** Headers that a client of this wire sends with a request. */
export function headersOf(wire: Wire, method: string, params: object): Record<string, string> {
  const common = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  switch (wire.kind) {
    case "modern": {
      const name = "name" in params ? { "mcp-name": String(params.name) } : {};
      return { ...common, "mcp-protocol-version": modernRevision, "mcp-method": method, ...name };
    }
    case "session":
      return { ...common, "mcp-protocol-version": sessionRevision, "mcp-session-id": wire.sessionId };
    case "stateless":
      return { ...common, "mcp-protocol-version": sessionRevision };
  }
}

function httpHead(port: number, headers: Record<string, string>, length: number): string {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers, "content-length": String(length) });
  return `POST /mcp HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

function withIdPlace(text: string): RequestTemplate {
  const bytes = Buffer.from(text);
  return { bytes, idAt: bytes.indexOf(String(placeholder)) };
}

/** Writes `id` over the placeholder; ids stay ten digits long, so no length header changes. */
export function stampId(template: RequestTemplate, id: number): void {
  template.bytes.write(String(placeholder + id), template.idAt, 10, "latin1");
}
