/** A line ripgrep says matches. */
export interface IndexedLine {
  /** Where the line begins, in the file as ripgrep reads it. */
  readonly offset: number;
  /** The line, with its end. */
  readonly bytes: Buffer;
  /** Where the match begins in the line. */
  readonly matchAt: number;
}

/** A file ripgrep says matches. */
export interface IndexedFile {
  /** Relative to where ripgrep runs; `undefined` when its name is no text. */
  readonly path: string | undefined;
  readonly lines: IndexedLine[];
}

/** Longer messages are about lines nobody can read, and are passed over. */
const maxMessageBytes = 64 << 20;

/** Cuts ripgrep's JSON output into files; pieces of it may end anywhere. */
export class RipgrepOutput {
  #parts: Buffer[] = [];
  #size = 0;
  #file: IndexedFile | undefined;

  /** Reads the next piece and yields every file that it completes. */
  *read(piece: Buffer): Generator<IndexedFile> {
    let from = 0;
    for (let at = piece.indexOf(0x0a); at !== -1; at = piece.indexOf(0x0a, from)) {
      const file = this.#message(piece.subarray(from, at));
      if (file) yield file;
      from = at + 1;
    }
    this.#size += piece.length - from;
    if (this.#size <= maxMessageBytes) this.#parts.push(piece.subarray(from));
    else this.#parts = [];
  }

  #message(last: Buffer): IndexedFile | undefined {
    const isTooLong = this.#size > maxMessageBytes;
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#size = 0;
    return isTooLong ? undefined : this.#take(JSON.parse(bytes.toString("utf8")));
  }

  #take(message: unknown): IndexedFile | undefined {
    const type = field(message, "type");
    const data = field(message, "data");
    if (type === "begin") this.#file = { path: textField(field(data, "path")), lines: [] };
    if (type === "match") {
      const [first] = listField(data, "submatches");
      const offset = Number(field(data, "absolute_offset"));
      const matchAt = Number(field(first, "start") ?? 0);
      this.#file?.lines.push({ offset, bytes: bytesField(field(data, "lines")), matchAt });
    }
    return type === "end" ? this.#file : undefined;
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  // An object that was just parsed from JSON has only own, plain fields.
  return (value as Readonly<Record<string, unknown>>)[name];
}

function listField(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}

function textField(value: unknown): string | undefined {
  const text = field(value, "text");
  return typeof text === "string" ? text : undefined;
}

/** Lines that are not UTF-8 come in base64. */
function bytesField(value: unknown): Buffer {
  const text = textField(value);
  if (text !== undefined) return Buffer.from(text, "utf8");
  const encoded = field(value, "bytes");
  return Buffer.from(typeof encoded === "string" ? encoded : "", "base64");
}
