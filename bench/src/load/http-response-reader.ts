const headEnd = Buffer.from("\r\n\r\n");

/**
 * Finds the end of one HTTP/1.1 response at a time in a keep-alive stream.
 *
 * It understands what load needs and no more: a status, `content-length` and `chunked`. Requests are not pipelined,
 * so a response never shares a read with the next one.
 */
export class HttpResponseReader {
  status = 0;
  /** The whole response as text while `capture` is on. */
  captured = "";
  capture = false;
  #head: Buffer | undefined;
  /** Bytes still to come: of the body, or of the current chunk with its line end. */
  #remaining = 0;
  #state: "head" | "sized" | "chunk-size" | "chunk-data" | "trailer" = "head";
  #sizeDigits = "";

  /** @returns true when `bytes` completed a response. */
  feed(bytes: Buffer): boolean {
    if (this.capture) this.captured += bytes.toString("latin1");
    let from = 0;
    if (this.#state === "head") {
      from = this.#readHead(bytes);
      if (from < 0) return false;
    }
    const done = this.#state === "sized" ? this.#readSized(bytes.length - from) : this.#readChunks(bytes, from);
    if (done) this.#state = "head";
    return done;
  }

  #readHead(bytes: Buffer): number {
    const before = this.#head?.length ?? 0;
    const all = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
    const end = all.indexOf(headEnd);
    if (end < 0) {
      // `bytes` lies in a buffer that the socket reuses.
      this.#head = Buffer.from(all);
      return -1;
    }
    this.#head = undefined;
    const head = all.toString("latin1", 0, end + 2);
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length !== null) {
      this.#state = "sized";
      this.#remaining = Number(length[1]);
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#state = "chunk-size";
      this.#sizeDigits = "";
    } else {
      throw new Error(`A response has neither content-length nor chunked encoding: ${head.slice(0, 200)}`);
    }
    return end + 4 - before;
  }

  #readSized(available: number): boolean {
    this.#remaining -= available;
    return this.#remaining <= 0;
  }

  #readChunks(bytes: Buffer, from: number): boolean {
    let at = from;
    while (at < bytes.length) {
      if (this.#state === "chunk-size") {
        at = this.#readChunkSize(bytes, at);
        continue;
      }
      const step = Math.min(this.#remaining, bytes.length - at);
      at += step;
      this.#remaining -= step;
      if (this.#remaining > 0) continue;
      if (this.#state === "trailer") return true;
      this.#state = "chunk-size";
      this.#sizeDigits = "";
    }
    return false;
  }

  #readChunkSize(bytes: Buffer, from: number): number {
    const lineEnd = bytes.indexOf(0x0a, from);
    const end = lineEnd < 0 ? bytes.length : lineEnd;
    this.#sizeDigits += bytes.toString("latin1", from, end);
    if (lineEnd < 0) return bytes.length;
    const size = Number.parseInt(this.#sizeDigits, 16);
    // A chunk is followed by CRLF; so is the empty last one, as nobody here sends trailers.
    this.#state = size === 0 ? "trailer" : "chunk-data";
    this.#remaining = size + 2;
    return lineEnd + 1;
  }
}
