import { InMemoryServerEventBus, type McpServer } from "@modelcontextprotocol/server";
import type { Notifier } from "./notifier.ts";

/** A live connection that can be told about changes: a 2025 session, an SSE stream or a stdio connection. */
export interface Subscriber {
  readonly mcp: McpServer;
  /** Whether this connection wants updates of `uri`; on 2026-07-28 stdio the SDK filters by listen requests. */
  wants(uri: string): boolean;
}

/**
 * Fans change notifications out to both generations: the SDK's bus feeds 2026-07-28 listen streams over HTTP,
 * live connections are told one by one.
 */
export class Hub implements Notifier {
  readonly bus: InMemoryServerEventBus = new InMemoryServerEventBus();
  readonly #subscribers = new Set<Subscriber>();

  /** Adds a connection; the result removes it. */
  add(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  toolsChanged(): void {
    this.bus.publish({ kind: "tools_list_changed" });
    this.#tell((mcp) => mcp.server.sendToolListChanged());
  }

  promptsChanged(): void {
    this.bus.publish({ kind: "prompts_list_changed" });
    this.#tell((mcp) => mcp.server.sendPromptListChanged());
  }

  resourcesChanged(): void {
    this.bus.publish({ kind: "resources_list_changed" });
    this.#tell((mcp) => mcp.server.sendResourceListChanged());
  }

  resourceUpdated(uri: string): void {
    this.bus.publish({ kind: "resource_updated", uri });
    this.#tell(
      (mcp) => mcp.server.sendResourceUpdated({ uri }),
      (subscriber) => subscriber.wants(uri),
    );
  }

  #tell(send: (mcp: McpServer) => Promise<void>, accepts: (subscriber: Subscriber) => boolean = () => true): void {
    for (const subscriber of this.#subscribers) {
      if (!subscriber.mcp.isConnected() || !accepts(subscriber)) continue;
      // A connection without the capability, or one that is closing, misses a notification and nothing else.
      void send(subscriber.mcp).catch(() => {});
    }
  }
}
