import { McpServer, SUPPORTED_PROTOCOL_VERSIONS, type Transport } from "@modelcontextprotocol/server";
import type { Connection, ConnectionInfo } from "./connection.ts";
import { registerTools } from "./register-tools.ts";
import type { Runtime } from "./runtime.ts";
import { registerSubscriptions, type Subscriptions } from "./subscriptions.ts";

/** A protocol object ready to be connected, and the object that stands for its connection. */
export interface CreatedMcp {
  readonly mcp: McpServer;
  readonly connection: object;
}

/** Builds the SDK server of one connection: tools, `setup`, subscriptions. No I/O. */
export function createMcp(runtime: Runtime, info: ConnectionInfo): CreatedMcp {
  const { definition } = runtime;
  const connection = {};
  const mcp = new McpServer(
    { name: definition.name, version: definition.version, title: definition.title },
    {
      instructions: definition.instructions,
      // A server is pinned to a modern revision only if it lists it; `initialize` still negotiates the older ones.
      ...(info.era === "2026" && { supportedProtocolVersions: ["2026-07-28", ...SUPPORTED_PROTOCOL_VERSIONS] }),
      capabilities: {
        tools: { listChanged: true },
        ...(definition.clientLogging && { logging: {} }),
        ...(definition.watch && { resources: { subscribe: true, listChanged: true } }),
      },
    },
  );
  registerTools(runtime, { mcp, info, connection });
  definition.setup?.(mcp, {
    resources: () => runtime.resources(),
    options: runtime.config.options,
    era: info.era,
    transport: info.transport,
    ...(info.principal && { principal: info.principal }),
    connection,
    notify: runtime.hub,
    log: runtime.log,
  });
  return { mcp, connection };
}

/** Builds the server of one long-lived connection: it can subscribe, and the hub knows it until it closes. */
export function createLiveMcp(
  runtime: Runtime,
  info: ConnectionInfo,
): { readonly mcp: McpServer; readonly subscriptions: Subscriptions } {
  const { mcp, connection } = createMcp(runtime, info);
  const subscriptions = registerSubscriptions(mcp, runtime, { info, connection });
  // On 2026-07-28 the SDK filters by the connection's own listen requests.
  const remove = runtime.hub.add({ mcp, wants: (uri) => info.era === "2026" || subscriptions.has(uri) });
  mcp.server.onclose = () => {
    remove();
    subscriptions.clear();
  };
  return { mcp, subscriptions };
}

/** Connects a long-lived server to a transport of ours. */
export async function connectMcp(runtime: Runtime, transport: Transport, info: ConnectionInfo): Promise<Connection> {
  const { mcp } = createLiveMcp(runtime, info);
  await mcp.connect(transport);
  return { close: () => mcp.close() };
}
