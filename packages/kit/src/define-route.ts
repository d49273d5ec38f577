import type { Principal } from "./define-tool.ts";
import type { Notifier } from "./notifier.ts";
import type { Logger } from "./observe/logger.ts";

/** A request that passed the edge and, if authentication is on, the gate. */
export interface RouteRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Media type without parameters, lower-case; empty without a body. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** What a route may use besides the server's resources. */
export interface RouteContext {
  readonly principal?: Principal;
  /** Aborts when the client goes away or the drain deadline passes. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly notify: Notifier;
}

/** What a route answers; objects are sent as JSON. */
export interface RouteResponse {
  readonly status: number;
  /** @default application/json */
  readonly contentType?: string;
  readonly body?: string | Buffer | object;
}

/** An HTTP endpoint beside `/mcp`; absent on stdio. */
export interface Route<Resources = unknown> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Absolute and raw, for example `/ingest`. */
  readonly path: string;
  /** A level of the server's `access.order`, or one of its extras. */
  readonly access: string;
  /** Largest body in bytes. @default `--max-body` */
  readonly maxBody?: number;
  /** Media types a body may have. @default application/json */
  readonly contentTypes?: readonly string[];
  handle(request: RouteRequest, resources: Resources, ctx: RouteContext): Promise<RouteResponse> | RouteResponse;
}

/** Declares one route; identity at run time. It passes the whole edge, authentication, access check and drain. */
export function defineRoute<Resources>(route: Route<Resources>): Route<Resources> {
  return route;
}
