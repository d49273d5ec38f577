import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isSpecType,
  type JSONRPCMessage,
  type McpServerFactory,
  type RequestId,
} from "@modelcontextprotocol/server";
import { createLiveMcp } from "./create-mcp.ts";
import type { WireKind } from "./define-tool.ts";
import type { Runtime } from "./runtime.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Builds the servers of one connection whose first message decides its generation. */
export interface ConnectionFactory {
  readonly factory: McpServerFactory;
  /**
   * Must see every message before the SDK does: its stdio entry answers `subscriptions/listen` by itself, and the
   * definition has to start watching what a client listens for.
   */
  readonly observe: (message: JSONRPCMessage) => void;
}

export function createConnectionFactory(runtime: Runtime, transport: WireKind): ConnectionFactory {
  const listens = new Map<RequestId, readonly string[]>();
  let subscriptions: Subscriptions | undefined;
  const watch = (uri: string): void => {
    // A uri that the server refuses to watch gets no events, which is all the acknowledgement promises.
    void subscriptions?.add(uri).catch(() => {});
  };
  return {
    factory({ era }) {
      const principal = runtime.config.local;
      const live = createLiveMcp(runtime, {
        era: era === "modern" ? "2026" : "2025",
        transport,
        canAsk: true,
        ...(principal && { principal }),
      });
      subscriptions = live.subscriptions;
      if (runtime.definition.watch) for (const uri of [...listens.values()].flat()) watch(uri);
      return live.mcp;
    },
    observe(message) {
      if (!runtime.definition.watch) return;
      if (isJSONRPCRequest(message) && message.method === "subscriptions/listen") {
        const filter = message.params?.["notifications"];
        const uris = isSpecType.SubscriptionFilter(filter) ? (filter.resourceSubscriptions ?? []) : [];
        listens.set(message.id, uris);
        for (const uri of uris) watch(uri);
      }
      if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
        // Typed as unknown by the SDK until it has validated the message; an id of another kind is in no map.
        const id = message.params?.["requestId"] as RequestId;
        const ended = listens.get(id) ?? [];
        listens.delete(id);
        const stillWanted = new Set([...listens.values()].flat());
        for (const uri of ended) if (!stillWanted.has(uri)) subscriptions?.remove(uri);
      }
    },
  };
}
