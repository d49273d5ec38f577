import { randomUUID } from "node:crypto";
import { type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { ConnectionInfo } from "./connection.ts";
import { FailureError } from "./define-tool.ts";
import { stackOf } from "./error-text.ts";
import type { Runtime } from "./runtime.ts";

const maxPerConnection = 64;

/** The uris one connection is subscribed to, each with what the definition watches for it. */
export class Subscriptions {
  readonly #runtime: Runtime;
  readonly #info: ConnectionInfo;
  readonly #connection: object;
  readonly #deliver: (uri: string) => void;
  readonly #watches = new Map<string, Promise<Disposable>>();

  /** @param deliver Tells this connection, and no other, that a uri it watches has changed. */
  constructor(runtime: Runtime, info: ConnectionInfo, connection: object, deliver: (uri: string) => void) {
    this.#deliver = deliver;
    this.#runtime = runtime;
    this.#info = info;
    this.#connection = connection;
  }

  has(uri: string): boolean {
    return this.#watches.has(uri);
  }

  /**
   * Starts watching; subscribing twice is one subscription.
   *
   * @throws {ProtocolError} -32602 when the definition refuses the uri or the connection holds too many; -32603 for a
   * bug, whose stack the log has under the id that the message names.
   */
  async add(uri: string): Promise<void> {
    const known = this.#watches.get(uri);
    if (known) return this.#started(uri, known);
    if (this.#watches.size >= maxPerConnection) {
      throw refusal(`at most ${maxPerConnection} subscriptions per connection; unsubscribe from one first`);
    }
    const watching = this.#watch(uri);
    this.#watches.set(uri, watching);
    return this.#started(uri, watching);
  }

  remove(uri: string): void {
    const watching = this.#watches.get(uri);
    this.#watches.delete(uri);
    // A watch that never started has nothing to dispose, and its failure was the answer to `subscribe`.
    void watching?.then((watch) => watch[Symbol.dispose]()).catch(() => {});
  }

  clear(): void {
    for (const uri of this.#watches.keys()) this.remove(uri);
  }

  async #started(uri: string, watching: Promise<Disposable>): Promise<void> {
    try {
      await watching;
    } catch (error) {
      // Not that of a later attempt, which has begun since.
      if (this.#watches.get(uri) === watching) this.#watches.delete(uri);
      throw this.#problem(error);
    }
  }

  #problem(error: unknown): ProtocolError {
    if (error instanceof ProtocolError) return error;
    if (error instanceof FailureError) return refusal(`${error.failure.code}: ${error.failure.sentence}`);
    const id = randomUUID().slice(0, 8);
    this.#runtime.log.error("watch failed", { id, stack: stackOf(error) });
    return new ProtocolError(ProtocolErrorCode.InternalError, `Cannot subscribe: the call failed (id ${id}).`);
  }

  async #watch(uri: string): Promise<Disposable> {
    const { definition, config } = this.#runtime;
    if (!definition.watch) throw refusal("this server has no resources to watch");
    const resources = await this.#runtime.resources();
    return definition.watch(uri, {
      resources,
      options: config.options,
      connection: this.#connection,
      ...(this.#info.principal && { principal: this.#info.principal }),
      updated: () => this.#deliver(uri),
    });
  }
}

/** Answers `resources/subscribe` and `resources/unsubscribe` of the 2025 protocol. */
export function registerSubscriptions(
  mcp: McpServer,
  runtime: Runtime,
  site: { readonly info: ConnectionInfo; readonly connection: object },
): Subscriptions {
  const subscriptions = new Subscriptions(runtime, site.info, site.connection, (uri) => {
    // A connection that is closing misses a notification and nothing else.
    void mcp.server.sendResourceUpdated({ uri }).catch(() => {});
  });
  if (runtime.definition.watch && site.info.era === "2025") {
    mcp.server.setRequestHandler("resources/subscribe", async (request) => {
      await subscriptions.add(request.params.uri);
      return {};
    });
    mcp.server.setRequestHandler("resources/unsubscribe", (request) => {
      subscriptions.remove(request.params.uri);
      return {};
    });
  }
  return subscriptions;
}

function refusal(reason: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Cannot subscribe: ${reason}.`);
}
