import { PassThrough } from "node:stream";
import {
  Client,
  type ClientOptions,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { InMemoryTransport, type Transport } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { z } from "zod";
import { createConnectionFactory } from "../connection-factory.ts";
import { createRuntime } from "../create-runtime.ts";
import type { OptionsSchema, ServerDefinition } from "../define-server.ts";
import type { Era } from "../define-tool.ts";
import type { Notifier } from "../notifier.ts";
import type { Logger } from "../observe/logger.ts";
import { serve } from "../serve.ts";
import type { HttpOptions } from "../serve-options.ts";
import { observeMessages } from "../stdio/serve-stdio.ts";

/** How a test reaches a server. */
export interface ConnectOptions<Schema extends OptionsSchema> {
  /** `memory` has no wire at all; `stdio` has that of a child process, without the process. @default memory */
  readonly transport?: "memory" | "stdio" | "http" | "sse";
  /** Protocol generation the client speaks; HTTP+SSE exists in 2025 only. @default 2026 */
  readonly era?: Era;
  /** Values of the server's options. @default {} */
  readonly options?: z.input<Schema>;
  readonly readOnly?: boolean;
  readonly log?: Logger;
  /** Capabilities and handlers of the client. */
  readonly client?: ClientOptions;
  /** Prepares the client before it connects, for example `setRequestHandler`. */
  readonly prepare?: (client: Client) => void;
  /** Limits of the HTTP host. */
  readonly http?: HttpOptions;
}

/** A connected client; disposing it closes client and server. */
export interface TestSession extends AsyncDisposable {
  readonly client: Client;
  readonly notify: Notifier;
  /** Endpoint URL, over HTTP. */
  readonly url?: string;
  /** Calls a tool and returns the result as the client saw it, errors included. */
  callTool(name: string, input?: Record<string, unknown>): ReturnType<Client["callTool"]>;
}

/** Options under which the SDK client speaks one generation. */
export function clientOptionsFor(era: Era, options: ClientOptions = {}): ClientOptions {
  const mode = era === "2026" ? ({ pin: "2026-07-28" } as const) : "legacy";
  return { ...options, versionNegotiation: { mode } };
}

/** Starts a server and connects an SDK client to it; results are checked against their output schemas. */
export async function connect<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ConnectOptions<Schema> = {},
): Promise<TestSession> {
  const wire = await openWire(definition, options);
  const era = options.transport === "sse" ? "2025" : (options.era ?? "2026");
  const client = new Client({ name: "kit-testing", version: "1" }, clientOptionsFor(era, options.client));
  options.prepare?.(client);
  try {
    await client.connect(wire.transport);
  } catch (error) {
    await wire.close();
    throw error;
  }
  return {
    client,
    notify: wire.notify,
    ...(wire.url !== undefined && { url: wire.url }),
    callTool: (name, input = {}) => client.callTool({ name, arguments: input }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await wire.close();
    },
  };
}

interface Wire {
  readonly transport: Transport;
  readonly notify: Notifier;
  readonly url?: string;
  close(): Promise<void>;
}

function openWire<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ConnectOptions<Schema>,
): Promise<Wire> {
  const { transport = "memory" } = options;
  switch (transport) {
    case "memory":
      return openMemory(definition, options);
    case "stdio":
      return openStdio(definition, options);
    case "http":
    case "sse":
      return openHttp(definition, options, transport);
  }
}

function common<Schema extends OptionsSchema>(options: ConnectOptions<Schema>) {
  return {
    validateOutput: true,
    ...(options.options !== undefined && { options: options.options }),
    ...(options.readOnly !== undefined && { readOnly: options.readOnly }),
    ...(options.log && { log: options.log }),
  };
}

async function openMemory<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ConnectOptions<Schema>,
): Promise<Wire> {
  const runtime = await createRuntime(definition, common(options), "stdio");
  runtime.phase = "ready";
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const { factory, observe } = createConnectionFactory(runtime, "memory");
  const handle = serveStdio(factory, { transport: theirs });
  observeMessages(theirs, observe);
  return {
    transport: mine,
    notify: runtime.hub,
    async close() {
      await handle.close();
      await runtime.dispose(10_000);
    },
  };
}

async function openStdio<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ConnectOptions<Schema>,
): Promise<Wire> {
  const input = new PassThrough();
  const output = new PassThrough();
  const running = await serve(definition, { ...common(options), transport: "stdio", input, output });
  return {
    // The SDK's transport frames lines the same way on either side.
    transport: new StdioServerTransport(output, input),
    notify: running.notify,
    async close() {
      input.end();
      await running.close();
    },
  };
}

async function openHttp<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ConnectOptions<Schema>,
  transport: "http" | "sse",
): Promise<Wire> {
  const running = await serve(definition, { port: 0, ...options.http, ...common(options), transport });
  const url = running.url ?? "";
  return {
    transport:
      transport === "sse"
        ? new SSEClientTransport(new URL("/sse", url))
        : new StreamableHTTPClientTransport(new URL(url)),
    notify: running.notify,
    url,
    close: () => running.close(),
  };
}
