import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  AuthInfo,
  JSONRPCMessage,
  JSONRPCRequest,
  JSONRPCResponse,
  RequestId,
  Transport,
  TransportSendOptions,
} from "@modelcontextprotocol/server";
import { answerText } from "../answer-text.ts";
import { authInfoOf, type Connect, type Connection, type ConnectionInfo } from "../connection.ts";
import type { Principal } from "../define-tool.ts";
import type { Exchange } from "./exchange.ts";
import { assumedVersion, checkVersion, isRequest, negotiateAnswer, parseMessages } from "./incoming.ts";
import { PostReply } from "./post-reply.ts";
import { progressKey } from "./progress-key.ts";
import { sendClosing, sendEmpty, sendRefusal } from "./respond.ts";
import { settleWithin } from "./settle.ts";

/**
 * Methods that learn of their caller from each request, so that one server can answer them for everybody. All others
 * get a server that is thrown away: `logging/setLevel` and `resources/subscribe` would leave state behind, and what a
 * definition's `setup` registers may be bound to one principal.
 */
const sharedMethods: ReadonlySet<string> = new Set(["ping", "tools/list", "tools/call"]);

/** What stateless serving needs. */
export interface Stateless2025Config {
  readonly connect: Connect;
  /** Milliseconds between comments on a silent stream. */
  readonly keepaliveMs: number;
}

/** 2025 clients without sessions, for several workers or replicas: every POST stands alone. */
export interface Stateless2025 {
  /** @param body Parsed JSON, already bounded in size and depth. */
  post(exchange: Exchange, body: unknown): Promise<void>;
  /**
   * Resolves when every accepted request is answered, or after `deadlineMs`; then closes.
   *
   * @default deadlineMs 10000
   */
  drain(deadlineMs?: number): Promise<void>;
  /** Closes at once; idempotent. A later POST begins anew. */
  close(): Promise<void>;
}

/** Creates the handler of one endpoint; the shared server is built on first use. */
export function createStateless2025(config: Stateless2025Config): Stateless2025 {
  return new StatelessServer(config);
}

class StatelessServer implements Stateless2025 {
  readonly #config: Stateless2025Config;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #open = new Set<Connected>();
  #shared: Promise<Connected> | undefined;

  constructor(config: Stateless2025Config) {
    this.#config = config;
  }

  async post(exchange: Exchange, body: unknown): Promise<void> {
    const { request, response, principal } = exchange;
    const form = negotiateAnswer(request);
    if (typeof form === "object") return sendRefusal(response, form);
    const refusal = checkVersion(request);
    if (refusal) return sendRefusal(response, refusal);
    const parsed = parseMessages(body, String(request.headers["mcp-protocol-version"] ?? assumedVersion));
    if (parsed.kind === "refused") return sendRefusal(response, parsed.refusal);
    // Nothing outlives a POST here: a notification or an answer has nobody to go to.
    if (parsed.requests === 0) return sendEmpty(response, 202);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#inFlight.add(promise);
    const reply = new PostReply({
      response,
      requests: parsed.requests,
      batch: parsed.batch,
      form,
      keepaliveMs: this.#config.keepaliveMs,
      onComplete: () => resolve(),
    });
    try {
      await Promise.all(parsed.messages.filter(isRequest).map((message) => this.#serve(message, reply, principal)));
      await promise;
    } catch (error) {
      // The router answers; the reply must not begin a stream meanwhile.
      reply.close(() => {});
      throw error;
    } finally {
      this.#inFlight.delete(promise);
    }
  }

  async drain(deadlineMs = 10_000): Promise<void> {
    await settleWithin([...this.#inFlight], deadlineMs);
    await this.close();
  }

  async close(): Promise<void> {
    this.#shared = undefined;
    await Promise.all(Array.from(this.#open, ({ connection }) => connection.close()));
  }

  async #serve(request: JSONRPCRequest, reply: PostReply, principal: Principal | undefined): Promise<void> {
    if (sharedMethods.has(request.method)) {
      this.#shared ??= this.#connectShared();
      const { transport } = await this.#shared;
      transport.dispatch(request, reply, principal);
      return;
    }
    const { transport, connection } = await this.#connect(principal);
    // Its one answer is out: there is nothing left that a failure to close could harm.
    transport.dispatch(request, reply, principal, () => void connection.close().catch(() => {}));
  }

  async #connectShared(): Promise<Connected> {
    try {
      return await this.#connect(undefined);
    } catch (error) {
      this.#shared = undefined;
      throw error;
    }
  }

  async #connect(principal: Principal | undefined): Promise<Connected> {
    const info: ConnectionInfo = {
      era: "2025",
      transport: "http",
      canAsk: false,
      ...(principal && { principal }),
    };
    const transport = new MultiplexTransport();
    const connected = { transport, connection: await this.#config.connect(transport, info) };
    this.#open.add(connected);
    transport.onEnd = () => this.#open.delete(connected);
    return connected;
  }
}

interface Connected {
  readonly transport: MultiplexTransport;
  readonly connection: Connection;
}

interface Pending {
  readonly id: RequestId;
  readonly reply: PostReply;
  readonly onDone: (() => void) | undefined;
}

/** Lets one SDK server answer concurrent POSTs: ids are replaced on the way in and restored on the way out. */
class MultiplexTransport implements Transport {
  onmessage?: Transport["onmessage"];
  onclose?: Transport["onclose"];
  onerror?: Transport["onerror"];
  onEnd: () => void = () => {};
  readonly #pending = new Map<RequestId, Pending>();
  #lastId = 0;
  #closed = false;

  async start(): Promise<void> {}

  dispatch(request: JSONRPCRequest, reply: PostReply, principal: Principal | undefined, onDone?: () => void): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#pending.set(id, { id: request.id, reply, onDone });
    const authInfo: AuthInfo = authInfoOf(principal, { requestId: request.id, connection: {} });
    this.onmessage?.({ ...request, id }, { authInfo });
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!("method" in message)) return this.#answer(message);
    // Rejecting fails the tool that asks; silence would let it wait for an answer that cannot come.
    if (isRequest(message)) throw new Error("A stateless connection cannot ask the client.");
    const related = options?.relatedRequestId;
    const pending = related === undefined ? undefined : this.#pending.get(related);
    if (!pending) return;
    pending.reply.relay(JSON.stringify(message), progressKey(message));
    if (pending.reply.isCongested) await nextTurn();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reply } of this.#pending.values()) reply.close(sendClosing);
    this.#pending.clear();
    this.onclose?.();
    this.onEnd();
  }

  #answer(message: JSONRPCResponse): void {
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
    if (!pending || message.id === undefined) return;
    this.#pending.delete(message.id);
    pending.reply.answer(answerText({ ...message, id: pending.id }));
    pending.onDone?.();
  }
}
