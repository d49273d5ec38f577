import type { Readable } from "node:stream";
import {
  type JSONRPCMessage,
  type JSONRPCNotification,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
} from "@modelcontextprotocol/server";
import type { Admission } from "./admission.ts";
import { LineReader } from "./line-reader.ts";
import type { SplitLine } from "./line-splitter.ts";
import type { OutputQueue } from "./output-queue.ts";
import { type ErrorAnswer, errorAnswer, readLine } from "./read-line.ts";
import type { RequestLedger } from "./request-ledger.ts";
import type { ServerRequests } from "./server-requests.ts";

/** What the two directions of a connection share. */
export interface Traffic {
  readonly output: OutputQueue;
  readonly ledger: RequestLedger;
  readonly admission: Admission;
  readonly asked: ServerRequests;
}

/** Where the lines come from and where the messages in them go. */
export interface IncomingOptions {
  readonly input: Readable;
  readonly maxLineBytes: number;
  readonly deliver: (message: JSONRPCMessage) => void;
  readonly onend: () => void;
  readonly onerror: (error: Error) => void;
}

/** Turns lines into messages: answers what is none, holds back what cannot start yet, drops what concerns nobody. */
export class Incoming {
  readonly #traffic: Traffic;
  readonly #maxLineBytes: number;
  readonly #deliver: (message: JSONRPCMessage) => void;
  readonly #reader: LineReader;
  /** No request has decided the era yet. */
  #isOpening = true;

  constructor(traffic: Traffic, { input, maxLineBytes, deliver, onend, onerror }: IncomingOptions) {
    this.#traffic = traffic;
    this.#maxLineBytes = maxLineBytes;
    this.#deliver = deliver;
    this.#reader = new LineReader(input, maxLineBytes, {
      online: (line) => this.#receive(line),
      isBlocked: () => traffic.output.failed || traffic.admission.isFull,
      onend,
      onerror,
    });
  }

  /** Nothing more will be delivered. */
  get isExhausted(): boolean {
    return this.#reader.isExhausted && this.#traffic.admission.heldBytes === 0;
  }

  /** Lines or requests wait until there is room for them. */
  get isHeldUp(): boolean {
    return this.#reader.isPaused || this.#traffic.admission.heldBytes > 0;
  }

  start(): void {
    this.#reader.start();
  }

  /** Stops reading; what was received is still delivered. */
  stop(): void {
    this.#reader.stop();
  }

  /** Delivers what there is room for by now. */
  pump(): void {
    const { admission } = this.#traffic;
    for (let request = admission.next(); request !== undefined; request = admission.next()) this.#deliver(request);
    this.#reader.pump();
  }

  #receive(line: SplitLine): void {
    if (line === "too-long") {
      return this.#refuse(errorAnswer(null, -32600, `Invalid request: longer than ${this.#maxLineBytes} bytes.`));
    }
    const inbound = readLine(line);
    switch (inbound.kind) {
      case "blank":
        return;
      case "malformed":
        return this.#refuse(inbound.answer);
      case "request":
        if (inbound.message.method !== "server/discover") this.#isOpening = false;
        if (this.#traffic.admission.admit(inbound.message, line.length)) this.#deliver(inbound.message);
        return;
      case "notification":
        return this.#notified(inbound.message);
      case "response":
        if (this.#traffic.asked.remove(inbound.message.id)) this.#deliver(inbound.message);
    }
  }

  #refuse(answer: ErrorAnswer): void {
    this.#traffic.output.push(JSON.stringify(answer));
  }

  #notified(message: JSONRPCNotification): void {
    // Before a request has decided the era there is nothing to notify about, and the SDK would take it as the decision.
    if (this.#isOpening && message.params?.["_meta"]?.[PROTOCOL_VERSION_META_KEY] === undefined) return;
    const cancelled = message.method === "notifications/cancelled" ? cancelledId(message) : undefined;
    if (cancelled !== undefined) {
      const { output, ledger, admission } = this.#traffic;
      output.nudge();
      if (admission.withdraw(cancelled)) return;
      // The SDK sends no answer to what was cancelled.
      ledger.settle(cancelled);
    }
    this.#deliver(message);
  }
}

/** The id that a cancellation names, if the SDK will accept it as one. */
function cancelledId({ params }: JSONRPCNotification): RequestId | undefined {
  const { requestId, reason } = params ?? {};
  if (reason !== undefined && typeof reason !== "string") return undefined;
  return typeof requestId === "string" || typeof requestId === "number" ? requestId : undefined;
}
