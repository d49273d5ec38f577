import {
  isSpecType,
  type JSONRPCRequest,
  SERVER_INFO_META_KEY,
  type ServerCapabilities,
  type ServerEvent,
  SUBSCRIPTION_ID_META_KEY,
  type SubscriptionFilter,
} from "@modelcontextprotocol/server";
import { createMcp } from "../create-mcp.ts";
import type { Runtime } from "../runtime.ts";
import { Subscriptions } from "../subscriptions.ts";
import type { Exchange } from "./exchange.ts";
import { sendJson } from "./respond.ts";
import { EventStream, eventFrame } from "./streams.ts";

/** Open `subscriptions/listen` streams of one runtime (spec 2026-07-28, basic/utilities/subscriptions). */
export interface ListenStreams {
  /** Opens a stream; false when the request has no valid filter, so that nothing was answered. */
  open(exchange: Exchange, request: JSONRPCRequest): Promise<boolean>;
  /** Ends every stream with its result. */
  endAll(): void;
}

export interface ListenOptions {
  readonly keepaliveMs: number;
  readonly maxListens: number;
  readonly maxQueuedBytes: number;
}

export function createListenStreams(runtime: Runtime, options: ListenOptions): ListenStreams {
  const open = new Set<ListenStream>();
  let capabilities: ServerCapabilities | undefined;
  return {
    async open(exchange, request) {
      const filter = request.params?.["notifications"];
      if (!isSpecType.SubscriptionFilter(filter)) return false;
      if (open.size >= options.maxListens) {
        const error = { code: -32603, message: "Subscription limit reached" };
        sendJson(exchange.response, 200, { jsonrpc: "2.0", id: request.id, error });
        return true;
      }
      capabilities ??= createMcp(runtime, {
        era: "2026",
        transport: "http",
        canAsk: true,
      }).mcp.server.getCapabilities();
      const stream = new ListenStream(runtime, exchange, request.id, honoredPart(filter, capabilities), options);
      open.add(stream);
      exchange.response.once("close", () => {
        open.delete(stream);
        stream.release();
      });
      await stream.begin();
      return true;
    },
    endAll() {
      for (const stream of open) stream.end();
    },
  };
}

class ListenStream {
  readonly #runtime: Runtime;
  readonly #id: string | number;
  readonly #filter: SubscriptionFilter;
  readonly #subscriptions: Subscriptions;
  readonly #sse: EventStream;
  #unsubscribe: () => void = () => {};

  constructor(
    runtime: Runtime,
    exchange: Exchange,
    id: string | number,
    filter: SubscriptionFilter,
    options: ListenOptions,
  ) {
    this.#runtime = runtime;
    this.#id = id;
    this.#filter = filter;
    this.#sse = new EventStream(exchange.response, options);
    const info = {
      era: "2026" as const,
      transport: "http" as const,
      canAsk: true,
      ...(exchange.principal && { principal: exchange.principal }),
    };
    this.#subscriptions = new Subscriptions(runtime, info, exchange, (uri) => {
      this.#deliver({ kind: "resource_updated", uri });
    });
  }

  async begin(): Promise<void> {
    this.#send("notifications/subscriptions/acknowledged", { notifications: this.#filter });
    if (Object.keys(this.#filter).length === 0) return this.end();
    this.#unsubscribe = this.#runtime.hub.bus.subscribe((event) => this.#deliver(event));
    if (!this.#runtime.definition.watch) return;
    // A uri that the server refuses to watch gets no events, which is all the acknowledgement promises.
    await Promise.allSettled((this.#filter.resourceSubscriptions ?? []).map((uri) => this.#subscriptions.add(uri)));
  }

  end(): void {
    const { definition } = this.#runtime;
    const serverInfo = { name: definition.name, version: definition.version, title: definition.title };
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: this.#id, [SERVER_INFO_META_KEY]: serverInfo };
    const result = { resultType: "complete", _meta };
    this.#sse.send(eventFrame(JSON.stringify({ jsonrpc: "2.0", id: this.#id, result })));
    this.#sse.end();
    this.release();
  }

  release(): void {
    this.#unsubscribe();
    this.#subscriptions.clear();
  }

  #deliver(event: ServerEvent): void {
    switch (event.kind) {
      case "tools_list_changed":
        if (this.#filter.toolsListChanged) this.#send("notifications/tools/list_changed", {});
        break;
      case "prompts_list_changed":
        if (this.#filter.promptsListChanged) this.#send("notifications/prompts/list_changed", {});
        break;
      case "resources_list_changed":
        if (this.#filter.resourcesListChanged) this.#send("notifications/resources/list_changed", {});
        break;
      case "resource_updated":
        if (this.#filter.resourceSubscriptions?.includes(event.uri)) {
          this.#send("notifications/resources/updated", { uri: event.uri });
        }
        break;
    }
  }

  #send(method: string, params: Record<string, unknown>): void {
    const stamped = { ...params, _meta: { [SUBSCRIPTION_ID_META_KEY]: this.#id } };
    this.#sse.send(eventFrame(JSON.stringify({ jsonrpc: "2.0", method, params: stamped })));
  }
}

/** What the server can deliver of what the client asked for; this is what the acknowledgement names. */
function honoredPart(filter: SubscriptionFilter, capabilities: ServerCapabilities): SubscriptionFilter {
  const uris = filter.resourceSubscriptions ?? [];
  return {
    ...(filter.toolsListChanged && capabilities.tools?.listChanged && { toolsListChanged: true }),
    ...(filter.promptsListChanged && capabilities.prompts?.listChanged && { promptsListChanged: true }),
    ...(filter.resourcesListChanged && capabilities.resources?.listChanged && { resourcesListChanged: true }),
    ...(uris.length > 0 && capabilities.resources?.subscribe && { resourceSubscriptions: [...uris] }),
  };
}
