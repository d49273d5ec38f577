import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { createStreamId, type EventPosition, type EventStore } from "./event-store.ts";
import type { AnswerForm } from "./incoming.ts";
import { sendEmpty, sendJsonText } from "./respond.ts";
import { type CoalesceKey, EventStream, eventFrame } from "./streams.ts";

/**
 * How long an answer may take before the client gets a stream instead of JSON. Content and order are the same either
 * way; the stream adds keep-alive and, with a store, a place to resume from.
 */
const streamAfterMs = 50;

/** When a client that was sent away (SEP-1699) should come back. */
const retryMs = 1000;

/** What makes the events of a reply resumable. */
interface ReplayConfig {
  /** Created on first use: most sessions never need one. */
  store(): EventStore;
  /** True when the client understands an event without data, which older revisions did not define. */
  readonly primes: boolean;
  /** The reply became a stream with this id. */
  onStream(id: string, reply: PostReply): void;
}

/** How one POST is answered. */
export interface PostReplyConfig {
  readonly response: ServerResponse;
  /** Requests in the body: the reply is complete when each was answered or cancelled. */
  readonly requests: number;
  /** True when the body was an array, so that the answer is one too. */
  readonly batch: boolean;
  /** What the client likes better; a stream is used in any case when something precedes the results. */
  readonly form: AnswerForm;
  readonly keepaliveMs: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly replay?: ReplayConfig;
  /** Called once, when every request was answered or cancelled. */
  readonly onComplete?: (streamId: string | undefined) => void;
}

/**
 * The answer to one POST of the 2025 wire: JSON when nothing precedes the results, otherwise a stream.
 *
 * It outlives its connection. A client that disconnects cancels nothing: with a store, what it missed is replayed to
 * the GET that resumes the stream; without one it is dropped.
 */
export class PostReply {
  readonly #config: PostReplyConfig;
  #open: number;
  /** Answers that wait for the rest of a batch while no stream was begun. */
  #answers: string[] = [];
  #streamId: string | undefined;
  #stream: EventStream | undefined;
  #streaming = false;
  #answered = false;
  readonly #timer: NodeJS.Timeout;

  constructor(config: PostReplyConfig) {
    this.#config = config;
    this.#open = config.requests;
    this.#timer = setTimeout(() => this.#beginStream(), streamAfterMs);
    if (config.form === "stream") this.#beginStream();
  }

  /**
   * Takes the answer to one request.
   *
   * @param substitute What to keep for replay when the answer is too large to be kept.
   */
  answer(text: string, substitute?: () => string): void {
    this.#answered = true;
    if (this.#streaming) this.#emit(text, substitute && { substitute });
    else this.#answers.push(text);
    this.#settleOne();
  }

  /** Takes a message that belongs to a request still open: a notification, or a request to the client. */
  relay(text: string, key?: CoalesceKey): void {
    this.#beginStream();
    this.#emit(text, { key });
  }

  /** True when the reader is slow and the sender should let the socket work before it goes on. */
  get isCongested(): boolean {
    return this.#stream?.isCongested ?? false;
  }

  /** A request will not be answered: the client cancelled it. */
  cancelOne(): void {
    this.#settleOne();
  }

  /** Ends the connection but not the reply (SEP-1699): the client comes back for the rest. */
  closeStream(): void {
    this.#beginStream();
    this.#stream?.end();
  }

  /** Whether a connection reads this reply, so that no other may. */
  get isRead(): boolean {
    return this.#stream?.isOpen ?? false;
  }

  /** Gives a connection that is gone the time to show it. */
  async probe(): Promise<void> {
    await this.#stream?.probe();
  }

  /** Goes on where a client stopped reading, on a new connection. */
  resume(response: ServerResponse, position: EventPosition): void {
    this.#attach(response, this.#config.replay?.store().after(position) ?? "");
  }

  /**
   * Gives up: what is still open gets no answer.
   *
   * @param refuse Answers the POST when nothing was sent yet.
   */
  close(refuse: (response: ServerResponse) => void): void {
    clearTimeout(this.#timer);
    if (this.#streaming) this.#stream?.end();
    else refuse(this.#config.response);
  }

  #settleOne(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    clearTimeout(this.#timer);
    if (this.#streaming) this.#endStream();
    else this.#sendAnswers();
    this.#config.onComplete?.(this.#streamId);
  }

  #sendAnswers(): void {
    const { response, headers, batch } = this.#config;
    const [first] = this.#answers;
    // Everything was cancelled: there is no answer to give, but the request must not stay open.
    if (first === undefined) sendEmpty(response, 202);
    else sendJsonText(response, 200, batch ? `[${this.#answers.join(",")}]` : first, headers);
  }

  #endStream(): void {
    this.#stream?.end();
    // A client told to wait for an answer that will not come would reconnect for ever; an unknown id ends that.
    if (!this.#answered && this.#streamId) this.#config.replay?.store().forget(this.#streamId);
  }

  #beginStream(): void {
    if (this.#streaming) return;
    this.#streaming = true;
    clearTimeout(this.#timer);
    const { response, replay } = this.#config;
    // A client that left before it was given an event id has no way to ask for what it missed.
    if (response.destroyed || response.headersSent) return;
    let first = "";
    if (replay) {
      this.#streamId = createStreamId();
      replay.onStream(this.#streamId, this);
      if (replay.primes) first = replay.store().prime(this.#streamId, retryMs);
    }
    this.#attach(response, first);
    for (const text of this.#answers.splice(0)) this.#emit(text);
  }

  #attach(response: ServerResponse, first: string): void {
    const { keepaliveMs, headers } = this.#config;
    this.#stream = new EventStream(response, { keepaliveMs, first, ...(headers && { headers }) });
  }

  #emit(text: string, traits: { key?: CoalesceKey | undefined; substitute?: () => string } = {}): void {
    const { replay } = this.#config;
    // Stored first and always: the event must outlive a connection that is already gone.
    const frame = replay && this.#streamId ? replay.store().append(this.#streamId, text, traits) : eventFrame(text);
    this.#stream?.send(frame, traits.key);
  }
}
