import type { Encoding } from "../encoding.ts";
import { endsWithReturn, lastLineEnd } from "../lines.ts";
import { isBetweenCharacters } from "../page.ts";

/** A stretch of bytes. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds a needle byte for byte, from left to right, none overlapping the one before.
 *
 * @param text In UTF-16 always little endian; its first byte begins a character.
 */
export function* findBytes(text: Buffer, needle: Buffer, encoding: Encoding): Generator<Range> {
  for (let at = indexOf(text, needle, 0, encoding); at !== -1; ) {
    const fits = beginsCharacter(text, at, encoding);
    if (fits) yield { start: at, end: at + needle.length };
    at = indexOf(text, needle, at + (fits ? needle.length : encoding.unit), encoding);
  }
}

function indexOf(text: Buffer, needle: Buffer, from: number, encoding: Encoding): number {
  return encoding.unit === 2 ? text.indexOf(needle, from, "utf16le") : text.indexOf(needle, from);
}

/** In double-byte encodings the bytes of a needle can also be found across two other characters. */
function beginsCharacter(text: Buffer, at: number, encoding: Encoding): boolean {
  if (encoding.family !== "multi-byte") return true;
  return isBetweenCharacters(text.subarray(lastLineEnd(text, at, encoding), at), encoding);
}

/**
 * As `findBytes`, for text of several lines in a text with both kinds of line ends.
 *
 * @param pieces What is between the line feeds of the text to look for; at least two.
 */
export function* findAnyEnds(text: Buffer, pieces: readonly Buffer[], encoding: Encoding): Generator<Range> {
  const lines = new LineEnds(text, encoding);
  // The longest piece is the rarest; around it the others are compared.
  const longest = pieces.reduce((best, piece, index) => (piece.length > (pieces[best]?.length ?? 0) ? index : best), 0);
  const anchor = pieces[longest]?.length ? pieces[longest] : lines.feed;
  const bare = anchor === lines.feed;
  const ahead = pieces.slice(0, bare ? 1 : longest).toReversed();
  const behind = pieces.slice(bare ? 1 : longest + 1);
  let free = 0;
  for (
    let at = indexOf(text, anchor, 0, encoding);
    at !== -1;
    at = indexOf(text, anchor, at + encoding.unit, encoding)
  ) {
    if (at < free || !beginsCharacter(text, at, encoding)) continue;
    const anchorEnd = at + anchor.length;
    const start = ahead.reduce((place, piece) => lines.before(place, piece), bare ? anchorEnd : at);
    const end = behind.reduce((place, piece) => lines.behind(place, piece), bare ? start : anchorEnd);
    if (start === -1 || end === -1 || start < free) continue;
    yield { start, end };
    free = end;
  }
}

/** Compares pieces on both sides of a line end, whichever kind that is; -1 stands for "not there". */
class LineEnds {
  readonly feed: Buffer;
  readonly #text: Buffer;
  readonly #encoding: Encoding;

  constructor(text: Buffer, encoding: Encoding) {
    this.#text = text;
    this.#encoding = encoding;
    this.feed = Buffer.from("\n", encoding.unit === 2 ? "utf16le" : "latin1");
  }

  /** Where `piece` begins if it and a line end stand before `at`. */
  before(at: number, piece: Buffer): number {
    const { unit } = this.#encoding;
    const feedAt = at - unit;
    if (at === -1 || !this.#holds(feedAt, this.feed)) return -1;
    const start = feedAt - piece.length;
    // A piece that ends with the carriage return itself asks for this kind of line end.
    if (piece.length > 0 && this.#holds(start, piece)) return start;
    const shorter = endsWithReturn(this.#text, feedAt, this.#encoding) ? start - unit : start;
    return this.#holds(shorter, piece) ? shorter : -1;
  }

  /** Where `piece` ends if a line end and it stand at `at`. */
  behind(at: number, piece: Buffer): number {
    const { unit } = this.#encoding;
    if (at === -1) return -1;
    const feedAt = endsWithReturn(this.#text, at + unit, this.#encoding) ? at + unit : at;
    if (!this.#holds(feedAt, this.feed) || !this.#holds(feedAt + unit, piece)) return -1;
    return feedAt + unit + piece.length;
  }

  #holds(at: number, bytes: Buffer): boolean {
    if (at < 0 || at + bytes.length > this.#text.length) return false;
    return this.#text.compare(bytes, 0, bytes.length, at, at + bytes.length) === 0;
  }
}
