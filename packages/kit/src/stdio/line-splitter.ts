const lineFeed = 0x0a;

/** A line without its line end, or the news that one was longer than allowed. */
export type SplitLine = Buffer | "too-long";

/**
 * Cuts a byte stream into lines, in time proportional to the bytes however they are chunked.
 *
 * Lines are pulled, so that a reader can stop between two of them and go on later. A returned buffer is valid until
 * the next call.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #chunks: Buffer[] = [];
  /** Where the unread part of the first chunk begins. */
  #at = 0;
  #partial: Buffer = Buffer.alloc(0);
  #partialLength = 0;
  #discarding = false;

  /** @param maxLineBytes Longest line, without its line feed; a longer one is reported once and skipped. */
  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Adds received bytes; the chunk must not change afterwards. */
  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /** The next complete line, or undefined when it needs more bytes. */
  next(): SplitLine | undefined {
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const end = chunk.indexOf(lineFeed, this.#at);
      const piece = chunk.subarray(this.#at, end === -1 ? chunk.length : end);
      if (end === -1 || end + 1 === chunk.length) {
        this.#chunks.shift();
        this.#at = 0;
      } else this.#at = end + 1;
      if (this.#discarding) {
        this.#discarding = end === -1;
        continue;
      }
      if (this.#partialLength + piece.length > this.#maxLineBytes) {
        this.#forgetPartial();
        this.#discarding = end === -1;
        return "too-long";
      }
      if (end === -1) this.#keep(piece);
      else return this.#partialLength === 0 ? piece : this.#complete(piece);
    }
    return undefined;
  }

  /** What follows the last line feed, once the input has ended and `next` has nothing left. */
  rest(): Buffer {
    return this.#complete(Buffer.alloc(0));
  }

  #complete(piece: Buffer): Buffer {
    this.#keep(piece);
    const line = this.#partial.subarray(0, this.#partialLength);
    this.#forgetPartial();
    return line;
  }

  /** Copies, because a chunk may be one byte of a page that would stay alive as long as the line is incomplete. */
  #keep(piece: Buffer): void {
    const length = this.#partialLength + piece.length;
    if (length > this.#partial.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, Math.min(2 * this.#partial.length, this.#maxLineBytes)));
      this.#partial.copy(grown, 0, 0, this.#partialLength);
      this.#partial = grown;
    }
    piece.copy(this.#partial, this.#partialLength);
    this.#partialLength = length;
  }

  #forgetPartial(): void {
    this.#partial = Buffer.alloc(0);
    this.#partialLength = 0;
  }
}
