import type { IncomingMessage } from "node:http";

/** What the edge needs to know about where the server listens. */
export interface EdgeConfig {
  /** Hostnames a request may name, lower-case, without port; IPv6 in brackets. */
  readonly hostnames: ReadonlySet<string>;
  /** Origins a browser may come from, compared as strings. */
  readonly origins: ReadonlySet<string>;
  /** Origins that get CORS headers: those the operator listed. */
  readonly corsOrigins: ReadonlySet<string>;
}

/** Why a request was refused; the text never repeats what the request said. */
export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const malformedHost: Refusal = {
  status: 400,
  code: -32600,
  message: "The Host header is missing, repeated or malformed.",
};
const foreignHost: Refusal = {
  status: 403,
  code: -32000,
  message:
    "This server is not known by the host name of the request. Add the name with --allowed-hosts or --public-url.",
};
const foreignOrigin: Refusal = {
  status: 403,
  code: -32000,
  message: "Requests from this origin are not allowed. Add the origin with --allowed-origins.",
};

// RFC 3986 section 3.2.2: IP-literal, or reg-name of unreserved characters (percent-encoding has no business here).
const hostGrammar = /^(\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(?::(\d{1,5}))?$/i;

/** Hostname of a Host value as written, lower-cased; `undefined` when it is not a host. */
function parseHostname(host: string): string | undefined {
  const match = hostGrammar.exec(host);
  return match?.[1]?.toLowerCase();
}

/** Checks 3 and 4 of kit.md section 6: Host, absolute-form target, Origin. */
export function checkHostAndOrigin(request: IncomingMessage, config: EdgeConfig): Refusal | undefined {
  const hosts = headerValues(request, "host");
  const [host] = hosts;
  if (hosts.length !== 1 || host === undefined) return malformedHost;
  const hostname = parseHostname(host);
  if (hostname === undefined) return malformedHost;
  if (!config.hostnames.has(hostname)) return foreignHost;
  const target = request.url ?? "";
  if (!target.startsWith("/") && !agreesWithHost(target, host)) return malformedHost;
  const origins = headerValues(request, "origin");
  if (origins.length === 0) return undefined;
  return origins.length === 1 && config.origins.has(origins[0] ?? "") ? undefined : foreignOrigin;
}

/** Path of the request as written, without the query. */
export function rawPath(request: IncomingMessage): string {
  const target = request.url ?? "";
  const path = target.startsWith("/") ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}

/** Query of the request; the SSE message endpoint alone looks at it. */
export function rawQuery(request: IncomingMessage): URLSearchParams {
  const target = request.url ?? "";
  const start = target.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : target.slice(start + 1));
}

/** Check 9: exactly one JSON media type, and a body that is not encoded. */
export function checkContentHeaders(request: IncomingMessage): Refusal | undefined {
  const types = headerValues(request, "content-type");
  const [type] = types;
  if (types.length !== 1 || type === undefined || !isJsonMediaType(type)) {
    return { status: 415, code: -32000, message: "Send the body as Content-Type: application/json." };
  }
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    return { status: 415, code: -32000, message: "Send the body without Content-Encoding." };
  }
  return undefined;
}

// RFC 9110 section 8.3.1: type/subtype, then parameters; a comma would be a second value.
const jsonMediaType =
  /^application\/json[ \t]*(?:;[ \t]*(?:[!#$%&'*+.^_`|~\w-]+=(?:[!#$%&'*+.^_`|~\w-]+|"[^"]*"))?[ \t]*)*$/i;

function isJsonMediaType(value: string): boolean {
  return value === "application/json" || (value.length <= 256 && jsonMediaType.test(value.trim()));
}

/** Values of a header as sent, repeated ones apart: Node's `headers` hides duplicates of Host and Content-Type. */
function headerValues(request: IncomingMessage, name: string): string[] {
  const raw = request.rawHeaders;
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const key = raw[index];
    if (key !== undefined && key.length === name.length && key.toLowerCase() === name)
      values.push(raw[index + 1] ?? "");
  }
  return values;
}

function agreesWithHost(target: string, host: string): boolean {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
  return authority !== undefined && authority.toLowerCase() === host.toLowerCase();
}

/** The hostnames and origins a server answers to. */
export function edgeConfig(input: {
  readonly boundHost: string;
  readonly port: number;
  readonly publicUrl?: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}): EdgeConfig {
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  const bound = input.boundHost.includes(":") ? `[${input.boundHost}]` : input.boundHost;
  const names = [...loopback, bound, ...input.allowedHosts].map((name) => parseHostname(name) ?? name.toLowerCase());
  const origins = loopback.map((name) => `http://${name}:${input.port}`);
  if (input.port === 80) origins.push(...loopback.map((name) => `http://${name}`));
  if (input.publicUrl !== undefined) {
    const url = new URL(input.publicUrl);
    names.push(url.hostname);
    origins.push(url.origin);
  }
  return {
    hostnames: new Set(names),
    origins: new Set([...origins, ...input.allowedOrigins]),
    corsOrigins: new Set(input.allowedOrigins),
  };
}
