import type { ByteSource } from "./byte-source.ts";
import type { Encoding } from "./encoding.ts";
import { countLineEnds, nthLineEnd, withoutLastLineEnd } from "./lines.ts";
import type { Pacer } from "./pacer.ts";

const block = 1 << 20;
const keptFiles = 32;

/** Where a line begins, or that the file has fewer. */
export type LinePlace = { readonly kind: "found"; readonly position: number } | { readonly kind: "past-end" };

interface KnownLines {
  /** Line ends before each full MiB; the first entry is 0. */
  readonly before: number[];
  /** Lines of the whole file, once the end was reached. */
  total: number | undefined;
}

/** Remembers for the files read last how many lines precede each MiB, so that a far line is found without a scan. */
export class LineIndex {
  readonly #files = new Map<string, KnownLines>();

  /** How many lines the file has, if its end was reached before. A final line end does not begin another line. */
  totalLines(source: ByteSource, encoding: Encoding): number | undefined {
    return this.#files.get(keyOf(source, encoding))?.total;
  }

  /**
   * Finds the beginning of a line.
   *
   * @param line From 1.
   */
  async locate(source: ByteSource, encoding: Encoding, line: number, pacer: Pacer): Promise<LinePlace> {
    if (line === 1) return { kind: "found", position: 0 };
    const known = this.#recall(source, encoding);
    const ends = line - 1;
    let from = lastBelow(known.before, ends);
    while (from === known.before.length - 1 && known.total === undefined) {
      await this.#scanOn(source, encoding, known, ends, pacer);
      from = lastBelow(known.before, ends);
    }
    if (known.total !== undefined && line > known.total) return { kind: "past-end" };
    const bytes = await source.read(from * block, block);
    const offset = nthLineEnd(bytes, 0, ends - (known.before[from] ?? 0), encoding);
    return offset === -1 ? { kind: "past-end" } : { kind: "found", position: from * block + offset };
  }

  /** Counts all lines of the file, and line ends before `position`. */
  async linesBefore(source: ByteSource, encoding: Encoding, position: number, pacer: Pacer): Promise<number> {
    const known = this.#recall(source, encoding);
    const whole = Math.floor(position / block);
    while (known.before.length <= whole && known.total === undefined) {
      await this.#scanOn(source, encoding, known, Number.POSITIVE_INFINITY, pacer);
    }
    const rest = await source.read(whole * block, position - whole * block);
    return (known.before[whole] ?? 0) + countLineEnds(rest, encoding);
  }

  /** Reads ahead from the last known MiB until `ends` line ends are passed or the file ends. */
  async #scanOn(source: ByteSource, encoding: Encoding, known: KnownLines, ends: number, pacer: Pacer): Promise<void> {
    const buffers = [Buffer.allocUnsafe(block), Buffer.allocUnsafe(block)] as const;
    const readAt = (index: number): Promise<Buffer> =>
      source.read(index * block, block, buffers[index % 2 === 0 ? 0 : 1]);
    let index = known.before.length - 1;
    let next = readAt(index);
    for (;;) {
      const bytes = await next;
      const last = bytes.length < block || (index + 1) * block >= source.size;
      // The next block is read while this one is counted.
      if (!last) next = readAt(index + 1);
      const count = (known.before[index] ?? 0) + countLineEnds(bytes, encoding);
      if (last) {
        const endsLine = withoutLastLineEnd(bytes, bytes.length, encoding) < bytes.length;
        known.total = count + (endsLine || source.size === 0 ? 0 : 1);
        return;
      }
      index += 1;
      known.before[index] = count;
      // Whoever ends the scan closes the descriptor, so nothing may still be reading from it.
      if (pacer.due) await Promise.all([next, pacer.pause()]);
      if (count >= ends) {
        await next;
        return;
      }
    }
  }

  #recall(source: ByteSource, encoding: Encoding): KnownLines {
    const key = keyOf(source, encoding);
    const known = this.#files.get(key) ?? { before: [0], total: undefined };
    this.#files.delete(key);
    this.#files.set(key, known);
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= keptFiles) break;
      this.#files.delete(oldest);
    }
    return known;
  }
}

function keyOf(source: ByteSource, encoding: Encoding): string {
  return `${encoding.unit === 2 ? encoding.family : "bytes"} ${source.etag}`;
}

/** The last index whose value is below `wanted`; the values rise. */
function lastBelow(values: readonly number[], wanted: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
