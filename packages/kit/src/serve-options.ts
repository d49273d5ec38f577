import type { Readable, Writable } from "node:stream";
import type { z } from "zod";
import type { OptionsSchema } from "./define-server.ts";
import type { LegacyMode } from "./http/host.ts";
import type { Gate } from "./http/router.ts";
import type { Logger } from "./observe/logger.ts";

/** What every transport shares. */
export interface ServeOptions<Schema extends OptionsSchema = OptionsSchema> {
  /** Values of the server's own options as its schema takes them. @default {} */
  readonly options?: z.input<Schema>;
  /** @default a logger that drops everything */
  readonly log?: Logger;
  /** Register only tools with access `read`. @default false */
  readonly readOnly?: boolean;
  /** Check every result against `outputSchema`. @default false */
  readonly validateOutput?: boolean;
  /** How long a drain may take, in milliseconds. @default 10000 */
  readonly shutdownTimeoutMs?: number;
  /** JSON object: the local caller plays this person where nobody is authenticated. @default the operator */
  readonly claims?: string;
  /** HMAC key of `requestState`, at least 32 bytes. @default random */
  readonly stateKey?: string;
}

/** One stdio connection. */
export interface StdioServeOptions<Schema extends OptionsSchema = OptionsSchema> extends ServeOptions<Schema> {
  readonly transport: "stdio";
  readonly input: Readable;
  readonly output: Writable;
  /** Longest line in bytes. @default 16777216 */
  readonly maxLineBytes?: number;
}

/** Limits and names of an HTTP host; times in milliseconds, sizes in bytes. */
export interface HttpOptions {
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default the definition's defaultPort; 0 asks for a free one */
  readonly port?: number;
  /** Unix socket instead of a port. */
  readonly socket?: string;
  /** @default /mcp */
  readonly path?: string;
  readonly publicUrl?: string;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** How 2025 clients are served. @default sessions */
  readonly sessions?: LegacyMode;
  /** @default 1048576 */
  readonly maxBody?: number;
  /** @default 15000 */
  readonly keepaliveMs?: number;
  /** @default 1800000 */
  readonly sessionIdleMs?: number;
  /** @default 86400000 */
  readonly sessionMaxAgeMs?: number;
  /** @default 1000 */
  readonly maxSessions?: number;
  /** Accept a bind address that others can reach although nobody is authenticated. @default false */
  readonly allowUnauthenticated?: boolean;
  /** Authenticates requests; what it admits is served. */
  readonly gate?: Gate;
  /** Answers 2026-07-28 requests by the SDK's own path; slower, for comparison. @default false */
  readonly slowModern?: boolean;
}

/** Streamable HTTP, with HTTP+SSE beside it for `sse`. */
export interface HttpServeOptions<Schema extends OptionsSchema = OptionsSchema>
  extends ServeOptions<Schema>,
    HttpOptions {
  readonly transport: "http" | "sse";
}
