import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuthInfo, JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";
import { messageText } from "../answer-text.ts";
import { cancelledId, isRequest } from "./incoming.ts";
import { progressKey } from "./progress-key.ts";
import type { SessionPlace } from "./session-store.ts";
import { type EventStream, eventFrame } from "./streams.ts";

/** One HTTP+SSE connection behind the SDK's `Transport`: it lives as long as its stream. */
export class SseTransport implements Transport {
  readonly sessionId: string;
  onmessage?: Transport["onmessage"];
  onclose?: Transport["onclose"];
  onerror?: Transport["onerror"];
  readonly #place: SessionPlace;
  readonly #onEnd: () => void;
  /** Requests in flight by id; a client that repeats an id gets as many answers. */
  readonly #open = new Set<RequestId>();
  #stream: EventStream | undefined;
  #closed = false;

  constructor(sessionId: string, place: SessionPlace, onEnd: () => void) {
    this.sessionId = sessionId;
    this.#place = place;
    this.#onEnd = onEnd;
  }

  async start(): Promise<void> {}

  attach(stream: EventStream): void {
    this.#stream = stream;
    if (this.#closed) stream.end();
  }

  receive(message: JSONRPCMessage, authInfo: AuthInfo | undefined): void {
    if (isRequest(message) && !this.#open.has(message.id)) {
      this.#open.add(message.id);
      this.#place.beginCall();
    }
    this.onmessage?.(message, authInfo && { authInfo });
    // A cancelled request is never answered: it must not count as in flight for ever.
    const cancelled = cancelledId(message);
    if (cancelled !== undefined) this.#settle(cancelled);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) return;
    this.#stream?.send(eventFrame(messageText(message)), progressKey(message));
    if (!("method" in message) && message.id !== undefined) this.#settle(message.id);
    if (this.#stream?.isCongested) await nextTurn();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#open.clear();
    this.#onEnd();
    this.#stream?.end();
    this.onclose?.();
  }

  #settle(id: RequestId): void {
    if (this.#open.delete(id)) this.#place.endCall();
  }
}
