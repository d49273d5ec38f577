import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { Connect } from "../connection.ts";
import { connectMcp } from "../create-mcp.ts";
import { stackOf } from "../error-text.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import type { Runtime } from "../runtime.ts";
import { definitionRoutes } from "./definition-routes.ts";
import { type EdgeConfig, edgeConfig } from "./edge.ts";
import type { Exchange } from "./exchange.ts";
import { createLegacySse, type LegacySse } from "./legacy-sse.ts";
import { type Address, listen } from "./listen.ts";
import { classify, createModern, type ModernHandler } from "./modern.ts";
import { sendJsonRpcError } from "./respond.ts";
import { createRouter, type Gate, type RouterRoute } from "./router.ts";
import { SessionStore } from "./session-store.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createStateless2025, type Stateless2025 } from "./stateless-2025.ts";

/** How 2025 clients are served over Streamable HTTP. */
export type LegacyMode = "sessions" | "stateless" | "reject";

/** Limits and names of one HTTP host; times in milliseconds, sizes in bytes. */
export interface HttpConfig {
  /** Address the operator named; its hostname is accepted in Host. @default 127.0.0.1 */
  readonly boundHost: string;
  readonly publicUrl?: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly legacy: LegacyMode;
  /** True to serve HTTP+SSE (2024-11-05) beside the endpoint. */
  readonly sse: boolean;
  readonly maxBody: number;
  readonly keepaliveMs: number;
  readonly sessionIdleMs: number;
  readonly sessionMaxAgeMs: number;
  readonly maxSessions: number;
  readonly gate?: Gate | undefined;
  /** Answers every modern request by the SDK's own path; for tests. */
  readonly slowModern?: boolean;
}

/** Several servers under several paths of one port. */
export interface HttpHost {
  /** For a `node:http` server of one's own; `listen` makes one. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Listens with the limits of kit.md section 6, step 1.
   *
   * @throws {KitError} `ERR_PORT_IN_USE`, `ERR_LISTEN_FAILED`
   */
  listen(address: Address): Promise<{ readonly origin: string; readonly port: number }>;
  /** Stops accepting, answers what was accepted, ends streams properly; after `deadlineMs` the rest is cut. */
  drain(deadlineMs: number): Promise<"drained" | "cut">;
  close(): Promise<void>;
}

interface Mount {
  readonly modern: ModernHandler;
  readonly sessions: Sessions | undefined;
  readonly stateless: Stateless2025 | undefined;
  readonly sse: LegacySse | undefined;
}

const maxListens = 1024;
const maxQueuedBytes = 4 * 1024 * 1024;
const lameDuckMs = 300;

/** Mounts runtimes by path; the first also answers at the bare paths of HTTP+SSE. */
export function createHost(mounts: ReadonlyMap<string, Runtime>, config: HttpConfig): HttpHost {
  const runtimes = [...mounts.values()];
  const routes = new Map<string, RouterRoute>();
  const opened: Mount[] = [];
  // One store, so that sessions and SSE streams of all servers count together (kit.md section 8).
  const store = new SessionStore(config, hostLog(runtimes));
  for (const [path, runtime] of mounts)
    opened.push(mount(routes, path, runtime, { config, store, first: opened.length === 0 }));
  const edges = new Map<number, EdgeConfig>();
  const router = createRouter({
    edge: (request) => edgeFor(edges, config, request.socket.localPort ?? 0),
    routes,
    runtimes,
    gate: config.gate,
    onBug: (error) => {
      hostLog(runtimes).error("request failed", { stack: stackOf(error) });
    },
  });
  const responses = new Set<ServerResponse>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    responses.add(response);
    response.once("close", () => responses.delete(response));
    router(request, response);
  };
  const servers: Server[] = [];
  let closing: Promise<void> | undefined;
  return {
    listener,
    async listen(address) {
      const { server, origin, port } = await listen(address, listener);
      servers.push(server);
      return { origin, port };
    },
    drain: (deadlineMs) => drain({ servers, responses, mounts: opened, runtimes }, deadlineMs),
    close: () => (closing ??= closeAll(servers, opened)),
  };
}

interface MountParts {
  readonly config: HttpConfig;
  readonly store: SessionStore;
  /** Whether this mount also answers at the bare paths of HTTP+SSE. */
  readonly first: boolean;
}

function mount(routes: Map<string, RouterRoute>, path: string, runtime: Runtime, parts: MountParts): Mount {
  const { config, store, first } = parts;
  const connect: Connect = (transport, info) => connectMcp(runtime, transport, info);
  const shared = { connect, store, keepaliveMs: config.keepaliveMs };
  const modern = createModern(runtime, {
    keepaliveMs: config.keepaliveMs,
    maxListens,
    maxQueuedBytes,
    slow: config.slowModern ?? false,
  });
  const sessions = config.legacy === "sessions" ? createSessions(shared) : undefined;
  const stateless = config.legacy === "stateless" ? createStateless2025(shared) : undefined;
  const sse = config.sse ? createLegacySse(shared) : undefined;
  const opened: Mount = { modern, sessions, stateless, sse };
  for (const [extra, route] of definitionRoutes(runtime, config.maxBody)) routes.set(extra, route);
  routes.set(path, endpoint(opened, config.maxBody));
  if (sse) mountSse(routes, path, sse, config.maxBody, first);
  return opened;
}

function endpoint({ modern, sessions, stateless }: Mount, maxBody: number): RouterRoute {
  const legacyPost = sessions ?? stateless;
  const POST: RouterRoute["POST"] = (exchange, body) => {
    const outcome = classify(exchange, body);
    return legacyPost && outcome.kind === "legacy"
      ? legacyPost.post(exchange, body)
      : modern.post(exchange, body, outcome);
  };
  if (!sessions) return { POST, handlers: {}, maxBody };
  const handlers = {
    GET: (exchange: Exchange) => (isModern(exchange) ? refuseMethod(exchange) : sessions.get(exchange)),
    DELETE: (exchange: Exchange) => (isModern(exchange) ? refuseMethod(exchange) : sessions.delete(exchange)),
  };
  return { POST, handlers, maxBody };
}

function mountSse(
  routes: Map<string, RouterRoute>,
  path: string,
  sse: LegacySse,
  maxBody: number,
  first: boolean,
): void {
  const base = path === "/" ? "" : path;
  for (const prefix of first && base !== "" ? ["", base] : [base]) {
    const open = (exchange: Exchange): Promise<void> => sse.open(exchange, `${prefix}/message`);
    routes.set(`${prefix}/sse`, { handlers: { GET: open }, maxBody });
    routes.set(`${prefix}/message`, { POST: (exchange, body) => sse.message(exchange, body), handlers: {}, maxBody });
  }
}

/** Also a revision of the future: whoever names it does not look for a session. */
function isModern({ request }: Exchange): boolean {
  const version = String(request.headers["mcp-protocol-version"] ?? "");
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= "2026";
}

/** 2026-07-28 knows one method; the endpoint's other methods belong to 2025 sessions. */
function refuseMethod({ response }: Exchange): void {
  sendJsonRpcError(response, 405, -32000, "Method not allowed.", null, undefined, { Allow: "POST" });
}

/** Own origins depend on the port, which `--port 0` and a listener of one's own only know per connection. */
function edgeFor(edges: Map<number, EdgeConfig>, config: HttpConfig, port: number): EdgeConfig {
  let edge = edges.get(port);
  if (edge === undefined) {
    edge = edgeConfig({ ...config, port });
    edges.set(port, edge);
  }
  return edge;
}

interface Draining {
  readonly servers: readonly Server[];
  readonly responses: ReadonlySet<ServerResponse>;
  readonly mounts: readonly Mount[];
  readonly runtimes: readonly Runtime[];
}

/** remote.md section 8: readiness first, a lame-duck moment, then no new connections, answers, streams, sessions. */
async function drain(
  { servers, responses, mounts, runtimes }: Draining,
  deadlineMs: number,
): Promise<"drained" | "cut"> {
  const deadline = Date.now() + deadlineMs;
  const left = (): number => Math.max(0, deadline - Date.now());
  for (const runtime of runtimes) runtime.phase = "draining";
  for (const response of responses) if (!response.headersSent) response.setHeader("Connection", "close");
  if (responses.size > 0) await setTimeout(Math.min(lameDuckMs, deadlineMs));
  for (const server of servers) server.close();
  const outcomes = await Promise.all(runtimes.map((runtime) => runtime.calls.drain(left())));
  for (const { modern } of mounts) modern.endListens();
  await Promise.all(
    mounts.map(async ({ sessions, sse }) => {
      await sessions?.drain(left());
      await sse?.drain(left());
    }),
  );
  while (responses.size > 0) {
    if (Date.now() >= deadline) return "cut";
    await setTimeout(10);
  }
  return outcomes.every((outcome) => outcome === "drained") ? "drained" : "cut";
}

async function closeAll(servers: readonly Server[], mounts: readonly Mount[]): Promise<void> {
  for (const server of servers) server.close();
  await Promise.all(
    mounts.map(async ({ modern, sessions, stateless, sse }) => {
      await sessions?.close();
      await sse?.close();
      await stateless?.close();
      await modern.close();
    }),
  );
  for (const server of servers) server.closeAllConnections();
}

/** Servers that share a port share its log. */
function hostLog([first]: readonly Runtime[]): Logger {
  return first?.log ?? createLogger(() => {}, { level: "error", format: "text" });
}
