import { lookup } from "node:dns/promises";
import { inspect } from "node:util";
import { createConnectionFactory } from "./connection-factory.ts";
import { cutText } from "./cut-text.ts";
import type { OptionsSchema, ServerDefinition } from "./define-server.ts";
import { KitError } from "./errors.ts";
import type { HttpConfig } from "./http/host.ts";
import type { Address } from "./http/listen.ts";
import { localPrincipal } from "./local-principal.ts";
import type { Notifier } from "./notifier.ts";
import { createLogger, type Logger } from "./observe/logger.ts";
import { checkExposure } from "./options/exposure.ts";
import { Runtime } from "./runtime.ts";
import type { HttpOptions, HttpServeOptions, ServeOptions, StdioServeOptions } from "./serve-options.ts";

/** A server that is being served. */
export interface Running {
  readonly transport: "stdio" | "http" | "sse";
  /** Endpoint URL over HTTP, for example `http://127.0.0.1:3001/mcp`. */
  readonly url?: string;
  readonly notify: Notifier;
  /** Resolves when the connection ended by itself (stdio only); names the reason. */
  readonly ended: Promise<string>;
  /**
   * Finishes what was accepted, then closes; idempotent.
   *
   * @param withinMs Time for it in milliseconds; over stdio a later call with less time shortens it.
   * @default withinMs `shutdownTimeoutMs`
   * @returns `cut` when something was not finished or the resources could not be disposed.
   */
  drain(withinMs?: number): Promise<"drained" | "cut">;
  /** Closes at once and disposes the resources; idempotent. */
  close(): Promise<void>;
}

/**
 * Serves a definition over one transport.
 *
 * @throws {KitError} `ERR_OPTION_INVALID` for options the schema refuses, `ERR_EXPOSURE_REFUSED`, `ERR_PORT_IN_USE`,
 * `ERR_LISTEN_FAILED`, `ERR_OPEN_FAILED` (HTTP opens the resources at start).
 */
export function serve<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: StdioServeOptions<Schema> | HttpServeOptions<Schema>,
): Promise<Running> {
  switch (options.transport) {
    case "stdio":
      return serveOverStdio(definition, options);
    case "http":
    case "sse":
      return serveOverHttp(definition, options);
  }
}

/** For the resources, after everything that was accepted has had its time. */
const maxDisposeMs = 2000;

const silent: Logger = createLogger(() => {}, { level: "error", format: "text" });

async function serveOverStdio<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: StdioServeOptions<Schema>,
): Promise<Running> {
  const { serveStdioConnection } = await import("./stdio/serve-stdio.ts");
  const runtime = await createRuntime(definition, options, "stdio");
  runtime.phase = "ready";
  const { factory, observe } = createConnectionFactory(runtime, "stdio");
  const connection = serveStdioConnection(factory, {
    input: options.input,
    output: options.output,
    observe,
    shutdownTimeoutMs: shutdownTimeoutOf(options),
    onerror: (error) => runtime.log.debug("stdio", { reason: error.message }),
    maxLineBytes: options.maxLineBytes ?? runtime.definition.maxLineBytes?.(runtime.config.options) ?? 16 * 1024 * 1024,
  });
  const dispose = disposal(runtime, options);
  return {
    transport: "stdio",
    notify: runtime.hub,
    ended: connection.closed,
    async close() {
      await connection.end("signal");
      await dispose();
    },
    async drain(withinMs) {
      runtime.phase = "draining";
      await connection.end("signal", withinMs);
      return (await dispose()) && connection.unanswered === 0 ? "drained" : "cut";
    },
  };
}

async function serveOverHttp<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: HttpServeOptions<Schema>,
): Promise<Running> {
  const address = await checkedAddress(options, definition.defaultPort);
  // Nothing of HTTP is loaded in a stdio process: it would make every cold start slower.
  const { createHost } = await import("./http/host.ts");
  const runtime = await createRuntime(definition, options, "http");
  const path = options.path ?? "/mcp";
  const host = createHost(new Map([[path, runtime]]), httpConfig(options, address, runtime));
  const dispose = disposal(runtime, options);
  const close = async (): Promise<boolean> => {
    await host.close();
    return dispose();
  };
  let draining: Promise<"drained" | "cut"> | undefined;
  const drain = async (deadlineMs: number): Promise<"drained" | "cut"> => {
    const outcome = await host.drain(deadlineMs);
    return (await close()) ? outcome : "cut";
  };
  const { origin } = await openThenListen(runtime, () => host.listen(address)).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    transport: options.transport,
    url: `${origin}${path}`,
    notify: runtime.hub,
    ended: new Promise(() => {}),
    async close() {
      await close();
    },
    drain: (withinMs) => (draining ??= drain(withinMs ?? shutdownTimeoutOf(options))),
  };
}

function shutdownTimeoutOf({ shutdownTimeoutMs = 10_000 }: Pick<ServeOptions, "shutdownTimeoutMs">): number {
  return shutdownTimeoutMs;
}

/** Disposes once, whoever asks first; everybody learns whether it went well. */
function disposal(runtime: Runtime, options: Pick<ServeOptions, "shutdownTimeoutMs">): () => Promise<boolean> {
  let disposing: Promise<boolean> | undefined;
  return () => (disposing ??= runtime.dispose(Math.min(shutdownTimeoutOf(options), maxDisposeMs)));
}

/** A broken configuration fails the start, not the first call an hour later. */
async function openThenListen<Bound>(runtime: Runtime, listen: () => Promise<Bound>): Promise<Bound> {
  await runtime.resources().catch((error: unknown) => {
    if (error instanceof KitError) throw error;
    const reason = error instanceof Error ? error.message : inspect(error);
    throw new KitError("ERR_OPEN_FAILED", cutText(runtime.redact(reason), 1024), { cause: error });
  });
  const bound = await listen();
  runtime.phase = "ready";
  return bound;
}

/** Builds the runtime of a definition: options parsed, tools selected, nothing opened. */
export async function createRuntime<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ServeOptions<Schema> & Pick<HttpOptions, "gate">,
  transport: "stdio" | "http",
): Promise<Runtime> {
  const parsed = definition.options.safeParse(options.options ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new KitError("ERR_OPTION_INVALID", `Invalid options: ${issue?.path.join(".")}: ${issue?.message}.`);
  }
  const log = options.log ?? silent;
  await definition.check?.(parsed.data, transport, log);
  const readOnly = (options.readOnly ?? false) || needsAuth(definition, options, transport, log);
  return new Runtime(definition, {
    options: parsed.data,
    log,
    readOnly,
    validateOutput: options.validateOutput ?? false,
    ...(options.stateKey !== undefined && { stateKey: options.stateKey }),
    ...(options.claims !== undefined && { local: localPrincipal(definition, parsed.data, options.claims) }),
  });
}

function needsAuth(
  definition: { readonly writeNeedsAuth?: boolean; readonly tools: readonly { readonly access: string }[] },
  options: Pick<HttpOptions, "gate">,
  transport: "stdio" | "http",
  log: Logger,
): boolean {
  if (transport === "stdio" || !definition.writeNeedsAuth || options.gate) return false;
  if (definition.tools.some((tool) => tool.access !== "read")) {
    log.warn("write tools are not registered: HTTP without authentication serves reads only. Use stdio to write.");
  }
  return true;
}

async function checkedAddress(options: HttpServeOptions, defaultPort: number): Promise<Address> {
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

function httpConfig(options: HttpServeOptions, address: Address, { config, definition }: Runtime): HttpConfig {
  const { local } = config;
  return {
    boundHost: address.kind === "tcp" ? address.host : "localhost",
    publicUrl: options.publicUrl,
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    legacy: options.sessions ?? "sessions",
    sse: options.transport === "sse",
    maxBody: options.maxBody ?? definition.maxBody ?? 1_048_576,
    keepaliveMs: options.keepaliveMs ?? 15_000,
    sessionIdleMs: options.sessionIdleMs ?? 1_800_000,
    sessionMaxAgeMs: options.sessionMaxAgeMs ?? 86_400_000,
    maxSessions: options.maxSessions ?? 1000,
    gate: options.gate ?? (local && (async () => ({ principal: local }))),
    slowModern: options.slowModern ?? false,
  };
}
