import type { Readable } from "node:stream";
import { LineSplitter, type SplitLine } from "./line-splitter.ts";

/** What a `LineReader` asks and tells. */
export interface LineReaderEvents {
  /** One line, without its line feed; the buffer is valid during the call. */
  readonly online: (line: SplitLine) => void;
  /** Asked before each line; while true, lines stay where they are and the input is paused. */
  readonly isBlocked: () => boolean;
  /** The input has ended or failed; lines may still be to come. */
  readonly onend: () => void;
  readonly onerror: (error: Error) => void;
}

/** Reads lines from a stream, as far as its owner can take them. */
export class LineReader {
  readonly #input: Readable;
  readonly #events: LineReaderEvents;
  readonly #splitter: LineSplitter;
  #phase: "idle" | "reading" | "ended" | "exhausted" = "idle";
  #isPaused = false;
  /** Reading stopped before the input ended, so that an incomplete line is no line. */
  #isCut = false;

  constructor(input: Readable, maxLineBytes: number, events: LineReaderEvents) {
    this.#input = input;
    this.#splitter = new LineSplitter(maxLineBytes);
    this.#events = events;
  }

  /** True when reading is over and every line has been passed on. */
  get isExhausted(): boolean {
    return this.#phase === "exhausted";
  }

  /** True while received lines wait for their owner. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Begins to read. */
  start(): void {
    this.#phase = "reading";
    // Stays for the life of the stream: an input that fails late must not end the process.
    this.#input.on("error", this.#onerror);
    if (this.#input.readableEnded || this.#input.destroyed) return void setImmediate(this.#onend);
    this.#input.on("data", this.#ondata);
    this.#input.on("end", this.#onend);
    this.#input.on("close", this.#onend);
  }

  /** Passes on what has been received, as far as its owner can take it. */
  pump(): void {
    if (this.#phase !== "reading" && this.#phase !== "ended") return;
    while (!this.#events.isBlocked()) {
      const line = this.#splitter.next();
      if (line === undefined) return this.#onempty();
      this.#events.online(line);
    }
    this.#pause(true);
  }

  /** Stops reading; complete lines that have been received are still passed on, the beginning of another is not. */
  stop(): void {
    if (this.#phase === "ended" || this.#phase === "exhausted") return;
    this.#detach();
    this.#phase = "ended";
    this.#isCut = true;
    this.pump();
  }

  #onempty(): void {
    if (this.#phase === "reading") return this.#pause(false);
    this.#phase = "exhausted";
    const rest = this.#splitter.rest();
    if (rest.length > 0 && !this.#isCut) this.#events.online(rest);
  }

  #pause(paused: boolean): void {
    if (this.#phase !== "reading" || paused === this.#isPaused) return;
    this.#isPaused = paused;
    if (paused) this.#input.pause();
    else this.#input.resume();
  }

  #detach(): void {
    this.#input.off("data", this.#ondata);
    this.#input.off("end", this.#onend);
    this.#input.off("close", this.#onend);
    if (this.#input.listenerCount("data") === 0) this.#input.pause();
  }

  readonly #ondata = (chunk: Buffer | string): void => {
    this.#splitter.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    this.pump();
  };

  readonly #onend = (): void => {
    if (this.#phase !== "reading") return;
    this.#detach();
    this.#phase = "ended";
    this.#events.onend();
    this.pump();
  };

  readonly #onerror = (error: Error): void => {
    this.#events.onerror(error);
    this.#onend();
  };
}
