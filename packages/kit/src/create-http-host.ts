import { lookup } from "node:dns/promises";
import { inspect } from "node:util";
import { createRuntime, disposal, shutdownTimeoutOf } from "./create-runtime.ts";
import { cutText } from "./cut-text.ts";
import type { ServerDefinition } from "./define-server.ts";
import { stackOf } from "./error-text.ts";
import { KitError } from "./errors.ts";
import type { HttpHost as Host, HttpConfig } from "./http/host.ts";
import type { Address } from "./http/listen.ts";
import { checkExposure } from "./options/exposure.ts";
import type { Runtime } from "./runtime.ts";
import type { HttpOptions, ServeOptions } from "./serve-options.ts";

/** A server of a host that has options. */
export interface HostedServer {
  readonly definition: ServerDefinition;
  /** Values of the server's own options as its schema takes them. @default {} */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Register only tools with access `read`. @default the host's `readOnly` */
  readonly readOnly?: boolean;
}

/** What the servers of one port share; times in milliseconds, sizes in bytes. */
export interface HttpHostOptions extends Omit<HttpOptions, "path">, Omit<ServeOptions, "options" | "claims"> {
  /** True to serve HTTP+SSE (2024-11-05) beside each endpoint. @default false */
  readonly sse?: boolean;
}

/** Several servers behind one port. */
export interface HttpHost {
  /**
   * For a `node:http` server of one's own, whose address and limits are its owner's business. The first request opens
   * the resources; while they cannot be opened it answers 503.
   */
  readonly listener: Host["listener"];
  /**
   * Opens the resources and listens.
   *
   * @returns Base URL without a path, for example `http://127.0.0.1:3001`, and the port.
   * @throws {KitError} `ERR_EXPOSURE_REFUSED`, `ERR_PORT_IN_USE`, `ERR_LISTEN_FAILED`, `ERR_OPEN_FAILED`
   */
  listen(): Promise<{ readonly origin: string; readonly port: number }>;
  /**
   * Finishes what was accepted, then closes; idempotent.
   *
   * @param withinMs Time for it in milliseconds. @default `shutdownTimeoutMs`
   */
  drain(withinMs?: number): Promise<"drained" | "cut">;
  /** Closes at once and disposes the resources; idempotent. */
  close(): Promise<void>;
}

/** A host whose resources are open. */
interface OpenedHost {
  readonly listener: Host["listener"];
  /** Listens; closes everything when it cannot. */
  listen(address: Address): ReturnType<HttpHost["listen"]>;
  readonly drain: HttpHost["drain"];
  readonly close: HttpHost["close"];
}

/**
 * Serves several definitions under several paths of one port, with common limits and one cap on sessions.
 *
 * @param servers By path, for example `{ "/notes": notes, "/sql": { definition: sqlite, options: { db } } }`. The first
 * one also answers at the bare paths of HTTP+SSE.
 */
export function createHttpHost(
  servers: Readonly<Record<string, ServerDefinition | HostedServer>>,
  options: HttpHostOptions = {},
): HttpHost {
  let opening: Promise<OpenedHost> | undefined;
  let opened: OpenedHost | undefined;
  const open = async (): Promise<OpenedHost> => {
    opening ??= openAll(servers, options);
    try {
      opened = await opening;
      return opened;
    } catch (error) {
      // Not remembered: what was missing may be there the next time.
      opening = undefined;
      throw error;
    }
  };
  return {
    listener(request, response) {
      if (opened) return opened.listener(request, response);
      open().then(
        ({ listener }) => listener(request, response),
        (error: unknown) => void refuse(response, error, options),
      );
    },
    async listen() {
      const [first] = Object.values(servers);
      const address = await checkedAddress(options, first === undefined ? 0 : definitionOf(first).defaultPort);
      return (await open()).listen(address);
    },
    drain: async (withinMs) => (await opening?.catch(() => undefined))?.drain(withinMs) ?? "drained",
    close: async () => (await opening?.catch(() => undefined))?.close(),
  };
}

async function openAll(
  servers: Readonly<Record<string, ServerDefinition | HostedServer>>,
  options: HttpHostOptions,
): Promise<OpenedHost> {
  const runtimes = new Map<string, Runtime>();
  for (const [path, server] of Object.entries(servers)) {
    const own = "definition" in server ? { ...options, ...server } : { ...options, options: {} };
    runtimes.set(path, await createRuntime(definitionOf(server), own, "http"));
  }
  return openHost(runtimes, options);
}

function definitionOf(server: ServerDefinition | HostedServer): ServerDefinition {
  return "definition" in server ? server.definition : server;
}

async function refuse(
  response: Parameters<Host["listener"]>[1],
  error: unknown,
  { log }: HttpHostOptions,
): Promise<void> {
  log?.error("the servers could not be opened", { stack: stackOf(error) });
  const { sendJsonRpcError } = await import("./http/respond.ts");
  const text = "The server is not available. Try again later.";
  sendJsonRpcError(response, 503, -32000, text, null, undefined, { "Retry-After": 1, Connection: "close" });
}

/**
 * Opens the resources of all and puts them behind one host; disposes what was opened if one of them cannot be.
 *
 * @throws {KitError} `ERR_OPEN_FAILED`, or what `open` threw if that is a `KitError`.
 */
export async function openHost(runtimes: ReadonlyMap<string, Runtime>, options: HttpHostOptions): Promise<OpenedHost> {
  const { createHost } = await import("./http/host.ts");
  const all = [...runtimes.values()];
  const host = createHost(runtimes, httpConfig(options, all));
  const disposals = all.map((runtime) => disposal(runtime, options));
  const end = async (): Promise<boolean> => {
    await host.close();
    const outcomes = await Promise.all(disposals.map((dispose) => dispose()));
    return outcomes.every(Boolean);
  };
  const orEnd = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work;
    } catch (error) {
      await end();
      throw error;
    }
  };
  let draining: Promise<"drained" | "cut"> | undefined;
  const drain = async (deadlineMs: number): Promise<"drained" | "cut"> => {
    const outcome = await host.drain(deadlineMs);
    return (await end()) ? outcome : "cut";
  };
  await orEnd(Promise.all(all.map(openResources)));
  for (const runtime of all) runtime.phase = "ready";
  return {
    listener: host.listener,
    listen: (address) => orEnd(host.listen(address)),
    drain: (withinMs) => (draining ??= drain(withinMs ?? shutdownTimeoutOf(options))),
    async close() {
      await end();
    },
  };
}

/** A broken configuration fails the start, not the first call an hour later. */
async function openResources(runtime: Runtime): Promise<void> {
  await runtime.resources().catch((error: unknown) => {
    if (error instanceof KitError) throw error;
    const reason = error instanceof Error ? error.message : inspect(error);
    throw new KitError("ERR_OPEN_FAILED", cutText(runtime.redact(reason), 1024), { cause: error });
  });
}

/**
 * Where to listen, if that is safe.
 *
 * @throws {KitError} `ERR_EXPOSURE_REFUSED`, `ERR_LISTEN_FAILED` for a name that cannot be resolved.
 */
export async function checkedAddress(options: HttpOptions, defaultPort: number): Promise<Address> {
  const { publicUrl } = options;
  if (options.socket !== undefined) {
    // Only this user can connect to the socket, so it is as local as loopback.
    checkExposure({
      host: "the socket",
      addresses: ["127.0.0.1"],
      auth: "none",
      allowUnauthenticated: false,
      publicUrl,
    });
    return { kind: "socket", path: options.socket };
  }
  const host = options.host ?? "127.0.0.1";
  const found = await lookup(host, { all: true }).catch(() => {
    throw new KitError(
      "ERR_LISTEN_FAILED",
      "The host name of --host cannot be resolved. Give an address of this machine.",
    );
  });
  checkExposure({
    host,
    addresses: found.map(({ address }) => address),
    auth: options.gate ? "token" : "none",
    allowUnauthenticated: options.allowUnauthenticated ?? false,
    publicUrl,
  });
  return { kind: "tcp", host, port: options.port ?? defaultPort };
}

function httpConfig(options: HttpHostOptions, runtimes: readonly Runtime[]): HttpConfig {
  // Only `serve` lets the operator play a person, and it has one runtime.
  const local = runtimes[0]?.config.local;
  const largestBody = Math.max(...runtimes.map(({ definition }) => definition.maxBody ?? 1_048_576));
  return {
    boundHost: options.socket === undefined ? (options.host ?? "127.0.0.1") : "localhost",
    publicUrl: options.publicUrl,
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    legacy: options.sessions ?? "sessions",
    sse: options.sse ?? false,
    maxBody: options.maxBody ?? largestBody,
    keepaliveMs: options.keepaliveMs ?? 15_000,
    sessionIdleMs: options.sessionIdleMs ?? 1_800_000,
    sessionMaxAgeMs: options.sessionMaxAgeMs ?? 86_400_000,
    maxSessions: options.maxSessions ?? 1000,
    gate: options.gate ?? (local && (async () => ({ principal: local }))),
    slowModern: options.slowModern ?? false,
  };
}
