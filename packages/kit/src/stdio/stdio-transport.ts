import type { Readable, Writable } from "node:stream";
import {
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCResponse,
  SUBSCRIPTION_ID_META_KEY,
  type Transport,
} from "@modelcontextprotocol/server";
import { answerText } from "../answer-text.ts";
import { Admission } from "./admission.ts";
import { Incoming } from "./incoming.ts";
import { OutputQueue } from "./output-queue.ts";
import { errorAnswer } from "./read-line.ts";
import { RequestLedger } from "./request-ledger.ts";
import { ServerRequests } from "./server-requests.ts";

/**
 * Why a connection ended: its input did, the parent process went away, a signal asked for it, nobody reads the output
 * any more, or the server closed it by itself.
 */
export type StdioEnd = "eof" | "parent" | "signal" | "output-closed" | "closed";

/** Streams and limits of a `StdioTransport`. */
export interface StdioTransportOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Time for answers and output once reading has stopped, in milliseconds; at most 2 s when the parent is gone. */
  readonly shutdownTimeoutMs: number;
  /**
   * Longest line, in bytes without its line feed.
   *
   * @default 16_777_216
   */
  readonly maxLineBytes?: number;
  /**
   * Called once, when everything that was read is answered or the time for it is over; the transport closes after it.
   *
   * @default does nothing
   */
  readonly release?: () => Promise<void>;
}

/** While more output than this is waiting, notifications wait as well and progress reports are dropped. */
const congestedBytes = 4 * 1024 * 1024;
/** With the two seconds between samples of the parent, an orphan is gone within five. */
const orphanTimeoutMs = 2000;
/** For the last error answers, when the time for proper ones is over. */
const farewellMs = 500;

/**
 * Newline-delimited JSON-RPC over a pair of streams: standard input and output, or a local socket.
 *
 * Every request that was received is answered before the connection ends, every malformed line gets exactly one error,
 * and a reader that does not read costs bounded memory. The streams stay open: who opened them closes them (a socket
 * has to allow being half open, because answers are written after the input has ended).
 */
export class StdioTransport implements Transport {
  onclose?: Transport["onclose"];
  onerror?: Transport["onerror"];
  onmessage?: Transport["onmessage"];

  /** Resolves when all is written and closed; names what came first. */
  readonly closed: Promise<StdioEnd>;
  readonly #finish: (end: StdioEnd) => void;
  readonly #release: () => Promise<void>;
  readonly #timeoutMs: number;
  readonly #output: OutputQueue;
  readonly #ledger = new RequestLedger();
  readonly #admission: Admission;
  readonly #asked = new ServerRequests();
  readonly #incoming: Incoming;
  readonly #settled = Promise.withResolvers<void>();
  #end: StdioEnd | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #closing: Promise<void> | undefined;
  #unanswered = 0;

  constructor(options: StdioTransportOptions) {
    this.#timeoutMs = options.shutdownTimeoutMs;
    this.#release = options.release ?? (async () => {});
    this.#output = new OutputQueue(options.output, () => this.#onturn());
    this.#admission = new Admission(
      this.#ledger,
      () => this.#output.bytes,
      () => this.#incoming.pump(),
    );
    const traffic = { output: this.#output, ledger: this.#ledger, admission: this.#admission, asked: this.#asked };
    this.#incoming = new Incoming(traffic, {
      input: options.input,
      maxLineBytes: options.maxLineBytes ?? 16 * 1024 * 1024,
      deliver: (message) => this.onmessage?.(message),
      onend: () => void this.end("eof"),
      onerror: (error) => this.onerror?.(error),
    });
    ({ promise: this.closed, resolve: this.#finish } = Promise.withResolvers<StdioEnd>());
  }

  /** Requests that got an error instead of their answer because the time was over. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Begins to read. */
  async start(): Promise<void> {
    this.#incoming.start();
  }

  /**
   * Sends an answer, a notification or a request of the server.
   *
   * Resolves at once for answers, so that a call counts as finished when its result is handed over; for the others
   * when the reader has caught up.
   *
   * @throws for a request that nobody can answer any more, because reading is over.
   */
  async send(message: JSONRPCMessage): Promise<void> {
    // What was unanswered has got its error by now, and must not get a second answer.
    if (this.#closing !== undefined) return;
    if (!("method" in message)) return this.#answer(message);
    const isCongested = this.#output.bytes > congestedBytes;
    if ("id" in message) {
      if (this.#end !== undefined) throw new Error("The client cannot answer: its input has ended.");
      this.#asked.add(message.id);
    } else {
      if (isCongested && message.method === "notifications/progress") return;
      this.#noteSent(message);
    }
    this.#output.push(JSON.stringify(message));
    if (isCongested) await this.#output.whenBelow(congestedBytes);
  }

  /**
   * Stops reading, answers what was read, closes; idempotent, and only the first reason counts.
   *
   * @param withinMs Time for the answers, in milliseconds; also shortens an end that has begun.
   * @returns settles with `closed`.
   */
  async end(reason: Exclude<StdioEnd, "closed">, withinMs?: number): Promise<void> {
    const timeoutMs = withinMs ?? (reason === "parent" ? orphanTimeoutMs : this.#timeoutMs);
    if (this.#end === undefined) {
      this.#end = reason;
      await this.#drain(reason, Math.min(timeoutMs, this.#timeoutMs));
    } else if (reason === "parent" || withinMs !== undefined) this.#hurry(timeoutMs);
    await this.closed;
  }

  /** Closes without waiting: what is unanswered gets an error, and what is written still reaches the reader. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #drain(reason: StdioEnd, timeoutMs: number): Promise<void> {
    this.#deadline = performance.now() + timeoutMs;
    // Ref'd on purpose: a call in progress may hold nothing else that keeps the process alive.
    const timer = setTimeout(this.#settled.resolve, timeoutMs);
    if (reason === "parent" || reason === "signal") {
      // What the kernel already has was sent before the signal came; one more poll fetches it.
      await nextTurn();
      await nextTurn();
    }
    this.#incoming.stop();
    this.#output.nudge();
    await this.#settled.promise;
    clearTimeout(timer);
    try {
      await this.#release();
    } finally {
      await this.close();
    }
  }

  /** An end that began patiently, as at the end of the input, has less time now. */
  #hurry(timeoutMs: number): void {
    this.#deadline = Math.min(this.#deadline, performance.now() + timeoutMs);
    setTimeout(() => {
      this.#settled.resolve();
      setTimeout(() => this.#output.abandon(), farewellMs).unref();
    }, timeoutMs).unref();
  }

  async #close(): Promise<void> {
    this.#end ??= "closed";
    this.#incoming.stop();
    const left = [...this.#ledger.ids, ...this.#admission.heldIds];
    this.#admission.close();
    this.#unanswered = left.length;
    for (const id of left) {
      this.#output.push(JSON.stringify(errorAnswer(id, -32000, "The server ended before this request was finished.")));
    }
    const timeLeft = Math.min(this.#deadline - performance.now(), this.#timeoutMs);
    const timer = setTimeout(() => this.#output.abandon(), Math.max(timeLeft, farewellMs));
    await this.#output.whenBelow(0);
    clearTimeout(timer);
    this.onclose?.();
    this.#finish(this.#end);
  }

  /** Runs after each turn in which something was sent or written, so that calls which are done have also returned. */
  #onturn(): void {
    if (this.#output.failed) {
      this.#settled.resolve();
      void this.end("output-closed");
    }
    if (this.#closing !== undefined) return;
    this.#incoming.pump();
    if (this.#end === undefined || !this.#incoming.isExhausted) return;
    // Nobody can answer any more; without this, a call that asked would wait until its own timeout.
    for (const failure of this.#asked.giveUp()) this.onmessage?.(failure);
    if (this.#ledger.isSettled) this.#settled.resolve();
  }

  #answer(message: JSONRPCResponse): void {
    const line = answerText(message, (error) => this.onerror?.(error));
    const request = message.id === undefined ? undefined : this.#ledger.settle(message.id);
    if (request !== undefined && "result" in message) this.#admission.learn(request, line.length);
    // When no other answer is due there is nothing to wait for; else they leave together.
    const isLast = this.#ledger.calls === 0 && this.#end === undefined && !this.#incoming.isHeldUp;
    if (isLast) this.#output.write(line);
    else this.#output.push(line);
  }

  #noteSent({ method, params }: JSONRPCNotification): void {
    if (method === "notifications/cancelled") this.#asked.remove(params?.["requestId"]);
    if (method !== "notifications/subscriptions/acknowledged") return;
    const id = params?.["_meta"]?.[SUBSCRIPTION_ID_META_KEY];
    if (typeof id === "string" || typeof id === "number") this.#ledger.acknowledge(id);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
