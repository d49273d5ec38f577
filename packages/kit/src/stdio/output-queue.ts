import type { Writable } from "node:stream";

/** Bytes handed to the stream at once; larger single lines go as they are. */
const batchBytes = 64 * 1024;

/**
 * Writes lines to a stream: all of one turn of the event loop in few writes, and no faster than the reader takes them.
 */
export class OutputQueue {
  readonly #output: Writable;
  /** Called after every turn in which lines were added or the reader made progress, and when the stream failed. */
  readonly #onturn: () => void;
  #lines: string[] = [];
  #lineBytes = 0;
  #scheduled = false;
  #blocked = false;
  #unconfirmed = 0;
  #failed = false;
  readonly #waiting: { below: number; resolve: () => void }[] = [];

  /** @param onturn Called once per turn with news, never from within `push`. */
  constructor(output: Writable, onturn: () => void) {
    this.#output = output;
    this.#onturn = onturn;
    if (output.destroyed || output.writableEnded) this.#fail();
    // Stays for the life of the stream: a write that fails late must not end the process.
    output.on("error", () => this.#fail());
    output.on("close", () => this.#fail());
    output.on("drain", () => {
      this.#blocked = false;
      this.#schedule();
    });
  }

  /** True once nobody can read any more; what is pushed from then on is dropped. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Bytes that wait for the reader, in the queue and in the stream. */
  get bytes(): number {
    return this.#lineBytes + this.#output.writableLength;
  }

  /** Adds one line, given without its line end, to what leaves at the end of this turn. */
  push(line: string): void {
    this.#add(line);
    this.#schedule();
  }

  /** Adds one line and writes, if the reader keeps up, without a turn of its own. */
  write(line: string): void {
    this.#add(line);
    this.#flush();
  }

  /** Runs a turn although nothing is pushed. */
  nudge(): void {
    this.#schedule();
  }

  /** Gives up on the reader: what waits is dropped. */
  abandon(): void {
    this.#fail();
  }

  /** Resolves when at most `bytes` are waiting or the stream has failed; 0 means that all is written. */
  async whenBelow(bytes: number): Promise<void> {
    if (this.#isBelow(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ below: bytes, resolve });
    return promise;
  }

  #isBelow(bytes: number): boolean {
    if (this.#failed) return true;
    return bytes === 0 ? this.bytes === 0 && this.#unconfirmed === 0 : this.bytes <= bytes;
  }

  #add(line: string): void {
    if (this.#failed) return;
    this.#lines.push(line);
    this.#lineBytes += Buffer.byteLength(line) + 1;
  }

  /** After the poll phase, so that the answers to everything read in one go leave together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      this.#onturn();
      this.#release();
    });
  }

  #flush(): void {
    let next = 0;
    while (!this.#blocked && !this.#failed && next < this.#lines.length) {
      const from = next;
      let length = 0;
      for (; next < this.#lines.length && length < batchBytes; next += 1)
        length += (this.#lines[next]?.length ?? 0) + 1;
      const data = joinLines(this.#lines.slice(from, next), length);
      this.#lineBytes -= Buffer.byteLength(data);
      this.#unconfirmed += 1;
      this.#blocked = !this.#output.write(data, this.#onwritten);
    }
    this.#lines = next === this.#lines.length ? [] : this.#lines.slice(next);
  }

  readonly #onwritten = (): void => {
    this.#unconfirmed -= 1;
    if (this.#waiting.length > 0) this.#release();
  };

  #release(): void {
    for (const waiter of this.#waiting.splice(0)) {
      if (this.#isBelow(waiter.below)) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  }

  #fail(): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#lines = [];
    this.#lineBytes = 0;
    this.#schedule();
  }
}

/**
 * Long text goes as bytes, written once into their final place: for a string, Node reserves three times its length
 * until the reader has taken it.
 *
 * @param length Sum of the lines' lengths and line ends, in UTF-16 units.
 */
function joinLines(lines: readonly string[], length: number): string | Buffer {
  if (length < 4096) return `${lines.join("\n")}\n`;
  const bytes = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0));
  let at = 0;
  for (const line of lines) {
    at += bytes.write(line, at);
    bytes[at] = 0x0a;
    at += 1;
  }
  return bytes;
}
