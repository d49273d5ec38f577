import type { Writable } from "node:stream";

/** Text of this length and more is handed over as bytes. */
const longText = 4096;

/** Writes lines to a stream, all of one turn of the event loop at once, and knows how far behind the reader is. */
export class OutputQueue {
  readonly #output: Writable;
  readonly #onturn: () => void;
  #lines: string[] = [];
  #lineBytes = 0;
  #isScheduled = false;
  #unconfirmed = 0;
  #failed = false;
  #waiting: { below: number; resolve: () => void }[] = [];

  /** @param onturn Called once per turn in which lines were pushed or a slow reader made progress; never from `push`. */
  constructor(output: Writable, onturn: () => void) {
    this.#output = output;
    this.#onturn = onturn;
    if (output.destroyed || output.writableEnded) this.abandon();
    // Stays for the life of the stream: a write that fails late must not end the process.
    output.on("error", () => this.abandon());
    output.on("close", () => this.abandon());
    output.on("drain", () => this.nudge());
  }

  /** True once nobody can read any more; what is pushed from then on is dropped. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Bytes that wait for the reader, here and in the stream. */
  get bytes(): number {
    return this.#lineBytes + this.#output.writableLength;
  }

  /** Adds one line, given without its line end, to what leaves at the end of this turn. */
  push(line: string): void {
    this.#add(line);
    this.nudge();
  }

  /** Adds one line and writes without a turn of its own. */
  write(line: string): void {
    this.#add(line);
    this.#flush();
  }

  /** Asks for a turn: after the poll phase, so that the answers to everything read in one go leave together. */
  nudge(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
      this.#onturn();
      this.#wake();
    });
  }

  /** Gives up on the reader: what waits is dropped. */
  abandon(): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#lines = [];
    this.#lineBytes = 0;
    this.nudge();
  }

  /** Resolves when at most `bytes` are waiting or the stream has failed; 0 means that all is written. */
  async whenBelow(bytes: number): Promise<void> {
    if (this.#isBelow(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ below: bytes, resolve });
    return promise;
  }

  #add(line: string): void {
    if (this.#failed) return;
    this.#lines.push(line);
    this.#lineBytes += Buffer.byteLength(line) + 1;
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const data = joinLines(this.#lines, this.#lineBytes);
    this.#lines = [];
    this.#lineBytes = 0;
    this.#unconfirmed += 1;
    this.#output.write(data, this.#onwritten);
  }

  readonly #onwritten = (): void => {
    this.#unconfirmed -= 1;
    if (this.#waiting.length > 0 || this.#output.writableNeedDrain) this.nudge();
  };

  #isBelow(bytes: number): boolean {
    return this.#failed || (this.bytes <= bytes && (bytes > 0 || this.#unconfirmed === 0));
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ below }) => this.#isBelow(below));
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }
}

/**
 * Long text goes as bytes, written once into their final place: for a string, Node reserves three times its length
 * until the reader has taken it.
 */
function joinLines(lines: readonly string[], byteLength: number): string | Buffer {
  if (byteLength < longText) return `${lines.join("\n")}\n`;
  const bytes = Buffer.allocUnsafe(byteLength);
  let at = 0;
  for (const line of lines) {
    at += bytes.write(line, at);
    bytes[at] = 0x0a;
    at += 1;
  }
  return bytes;
}
