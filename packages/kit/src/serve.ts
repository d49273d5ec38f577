import { createConnectionFactory } from "./connection-factory.ts";
import { checkedAddress, openHost } from "./create-http-host.ts";
import { createRuntime, disposal, shutdownTimeoutOf } from "./create-runtime.ts";
import type { OptionsSchema, ServerDefinition } from "./define-server.ts";
import type { Notifier } from "./notifier.ts";
import type { HttpServeOptions, StdioServeOptions } from "./serve-options.ts";

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
  const path = options.path ?? "/mcp";
  const runtime = await createRuntime(definition, options, "http");
  const opened = await openHost(new Map([[path, runtime]]), { ...options, sse: options.transport === "sse" });
  const { origin } = await opened.listen(address);
  return {
    transport: options.transport,
    url: `${origin}${path}`,
    notify: runtime.hub,
    ended: new Promise(() => {}),
    close: opened.close,
    drain: opened.drain,
  };
}
