import type { Pacer } from "../pacer.ts";

/** Bytes `start` to `end` of a text, and what stands there instead. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

const nothing = Buffer.alloc(0);

/** Up to this many changes, writing pieces costs less than putting them together. */
const fewChanges = 16;

/**
 * What was changed in a text, in terms of the original, so that everything else stays the original's own bytes.
 *
 * Changes nearer to each other than `gap` bytes are kept as one: what surrounds a change is then original text.
 */
export class ChangeLog {
  readonly original: Buffer;
  readonly #gap: number;
  #changes: Change[] = [];
  #current: Buffer | undefined;
  #size: number;

  constructor(original: Buffer, gap: number) {
    this.original = original;
    this.#gap = gap;
    this.#current = original;
    this.#size = original.length;
  }

  /** In the order of the original; none touches another. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** Length of the text as it is now. */
  get size(): number {
    return this.#size;
  }

  /** The text as it is now, in pieces; those that did not change are not copied. */
  pieces(): Buffer[] {
    if (this.#current || this.#changes.length > fewChanges) return [this.current()];
    const pieces: Buffer[] = [];
    let from = 0;
    for (const { start, end, bytes } of this.#changes) {
      pieces.push(this.original.subarray(from, start), bytes);
      from = end;
    }
    return [...pieces, this.original.subarray(from)].filter(({ length }) => length > 0);
  }

  /** The text as it is now. */
  current(): Buffer {
    if (!this.#current) {
      const text = Buffer.allocUnsafe(this.#size);
      let from = 0;
      let at = 0;
      for (const { start, end, bytes } of this.#changes) {
        at += this.original.copy(text, at, from, start);
        at += bytes.copy(text, at);
        from = end;
      }
      this.original.copy(text, at, from);
      this.#current = text;
    }
    return this.#current;
  }

  /** Whether a range of the original has been changed at any place. */
  touches(start: number, end: number): boolean {
    const after = this.#indexAfter(start);
    const before = this.#changes[after - 1];
    const next = this.#changes[after];
    return (before !== undefined && before.end > start) || (next !== undefined && next.start < end);
  }

  /**
   * Replaces a range of the original that was not touched before.
   *
   * @returns The new bytes with up to `gap` - 1 bytes around them, as they stand in the text now.
   */
  insert(change: Change): Buffer {
    const index = this.#indexAfter(change.start);
    const previous = this.#changes[index - 1];
    const next = this.#changes[index];
    const left = previous && change.start - previous.end < this.#gap ? previous : undefined;
    const right = next && next.start - change.end < this.#gap ? next : undefined;
    const before = left ? [left.bytes, this.original.subarray(left.end, change.start)] : [];
    const after = right ? [this.original.subarray(change.end, right.start), right.bytes] : [];
    const [start, end] = [left?.start ?? change.start, right?.end ?? change.end];
    const bytes = left || right ? Buffer.concat([...before, change.bytes, ...after]) : change.bytes;
    this.#changes.splice(index - (left ? 1 : 0), (left ? 1 : 0) + (right ? 1 : 0), { start, end, bytes });
    this.#size += change.bytes.length - (change.end - change.start);
    this.#current = undefined;
    const margin = this.#gap - 1;
    const ahead = Buffer.concat([this.original.subarray(Math.max(0, start - margin), start), ...before]);
    const behind = Buffer.concat([...after, this.original.subarray(end, end + margin)]);
    return Buffer.concat([ahead.subarray(-margin), change.bytes, behind.subarray(0, margin)]);
  }

  /**
   * Replaces ranges of the text as it is now, whatever was changed before.
   *
   * @param replacements In order, none overlapping another.
   */
  async splice(replacements: readonly Change[], pacer: Pacer): Promise<void> {
    const log = new Joiner(this.original, this.#gap);
    let next = 0;
    for (const segment of this.#segments()) {
      const end = segment.at + segment.length;
      if (segment.length === 0) log.keep(segment, segment.at, end);
      for (let from = segment.at; from < end; ) {
        if (pacer.due) await pacer.pause();
        const replacement = replacements[next];
        const until = Math.min(end, Math.max(from, replacement?.start ?? end));
        log.keep(segment, from, until);
        from = until;
        if (!replacement || from === end) continue;
        if (from === replacement.start) log.put(segment, from, replacement.bytes);
        const cut = Math.min(end, replacement.end);
        log.drop(segment, from, cut);
        from = cut;
        if (cut === replacement.end) next += 1;
      }
    }
    this.#changes = log.finish();
    for (const { start, end, bytes } of replacements) this.#size += bytes.length - (end - start);
    this.#current = undefined;
  }

  *#segments(): Generator<Segment> {
    let from = 0;
    let at = 0;
    for (const { start, end, bytes } of this.#changes) {
      yield { at, length: start - from, start: from, end: start, bytes: undefined };
      at += start - from;
      yield { at, length: bytes.length, start, end, bytes };
      at += bytes.length;
      from = end;
    }
    const rest = this.original.length - from;
    yield { at, length: rest, start: from, end: this.original.length, bytes: undefined };
  }

  #indexAfter(start: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.start ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A stretch of the present text: original bytes, or, with `bytes`, what replaced them. */
interface Segment {
  readonly at: number;
  readonly length: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer | undefined;
}

/** Collects new bytes from left to right and joins neighbours into one change. */
class Joiner {
  readonly #original: Buffer;
  readonly #gap: number;
  readonly #done: Change[] = [];
  #open: { start: number; end: number; parts: Buffer[] } | undefined;

  constructor(original: Buffer, gap: number) {
    this.#original = original;
    this.#gap = gap;
  }

  keep({ at, start, end, bytes }: Segment, from: number, to: number): void {
    if (bytes) this.#add(start, end, bytes.subarray(from - at, to - at));
  }

  drop({ at, start, end, bytes }: Segment, from: number, to: number): void {
    if (bytes) this.#add(start, end, nothing);
    else this.#add(start + from - at, start + to - at, nothing);
  }

  put({ at, start, bytes }: Segment, from: number, added: Buffer): void {
    const place = bytes ? start : start + from - at;
    this.#add(place, place, added);
  }

  finish(): Change[] {
    this.#close();
    return this.#done;
  }

  #add(start: number, end: number, bytes: Buffer): void {
    if (this.#open && start - this.#open.end >= this.#gap) this.#close();
    this.#open ??= { start, end, parts: [] };
    if (start > this.#open.end) this.#open.parts.push(this.#original.subarray(this.#open.end, start));
    this.#open.parts.push(bytes);
    this.#open.end = Math.max(this.#open.end, end);
  }

  #close(): void {
    if (!this.#open) return;
    const { start, end, parts } = this.#open;
    this.#done.push({ start, end, bytes: Buffer.concat(parts) });
    this.#open = undefined;
  }
}
