import type { Encoding } from "./encoding.ts";

const lineFeed = { "utf-16le": Buffer.from([0x0a, 0x00]), "utf-16be": Buffer.from([0x00, 0x0a]) } as const;

/**
 * The offset behind the next line feed at or after `from`; -1 when there is none.
 *
 * No supported encoding uses 0x0A inside a longer character, so one byte search serves all but UTF-16.
 */
export function nextLineEnd(bytes: Buffer, from: number, encoding: Encoding): number {
  if (encoding.family === "utf-16le" || encoding.family === "utf-16be") {
    const at = bytes.indexOf(lineFeed[encoding.family], from, "utf16le");
    return at === -1 ? -1 : at + 2;
  }
  return bytes.indexOf(0x0a, from) + 1 || -1;
}

/** The offset behind the last line feed that ends at or before `end`; 0 when there is none. */
export function lastLineEnd(bytes: Buffer, end: number, encoding: Encoding): number {
  if (end < encoding.unit) return 0;
  if (encoding.family === "utf-16le" || encoding.family === "utf-16be") {
    const at = bytes.subarray(0, end).lastIndexOf(lineFeed[encoding.family], undefined, "utf16le");
    return at === -1 ? 0 : at + 2;
  }
  return bytes.lastIndexOf(0x0a, end - 1) + 1;
}

/** The offset behind the `count`th line feed at or after `from`; -1 when there are fewer. `count` is at least 1. */
export function nthLineEnd(bytes: Buffer, from: number, count: number, encoding: Encoding): number {
  let offset = from;
  for (let found = 0; found < count; found += 1) {
    offset = nextLineEnd(bytes, offset, encoding);
    if (offset === -1) return -1;
  }
  return offset;
}

/** How many line feeds there are. */
export function countLineEnds(bytes: Buffer, encoding: Encoding): number {
  if (encoding.unit === 1) return countBytes(bytes);
  let count = 0;
  for (let at = nextLineEnd(bytes, 0, encoding); at !== -1; at = nextLineEnd(bytes, at, encoding)) count += 1;
  return count;
}

const lineFeedsInWord = 0x0a0a0a0a;
const lowBits = 0x7f7f7f7f;

/**
 * Counts the byte 0x0A four bytes at a time: its cost does not depend on how long the lines are, where a search
 * from line to line becomes slow on short ones.
 */
function countBytes(bytes: Buffer): number {
  const aligned = alignedWords(bytes);
  let count = 0;
  for (let index = 0; index < aligned.start; index += 1) if (bytes[index] === 0x0a) count += 1;
  for (let index = aligned.end; index < bytes.length; index += 1) if (bytes[index] === 0x0a) count += 1;
  const { words } = aligned;
  for (let index = 0; index < words.length; ) {
    // Each of the four lanes can count to 255 before it would run over into the next.
    const end = Math.min(words.length, index + 255);
    let lanes = 0;
    for (; index < end; index += 1) {
      const word = (words[index] ?? 0) ^ lineFeedsInWord;
      lanes = (lanes + (~(((word & lowBits) + lowBits) | word | lowBits) >>> 7)) | 0;
    }
    count += (lanes & 255) + ((lanes >>> 8) & 255) + ((lanes >>> 16) & 255) + (lanes >>> 24);
  }
  return count;
}

function alignedWords(bytes: Buffer): { words: Uint32Array; start: number; end: number } {
  const start = (4 - (bytes.byteOffset & 3)) & 3;
  if (bytes.length < start) return { words: new Uint32Array(0), start: 0, end: 0 };
  const length = (bytes.length - start) >> 2;
  return { words: new Uint32Array(bytes.buffer, bytes.byteOffset + start, length), start, end: start + length * 4 };
}

/** What ends the lines of a piece of text: `none` when it is a single line. */
export type LineEnding = "lf" | "crlf" | "mixed" | "none";

/** Tells which line endings occur. */
export function lineEndingOf(bytes: Buffer, encoding: Encoding): LineEnding {
  const first = nextLineEnd(bytes, 0, encoding);
  if (first === -1) return "none";
  if (bytes.indexOf(0x0d) === -1) return "lf";
  const returns = endsWithReturn(bytes, first - encoding.unit, encoding);
  for (let at = first; at !== -1; at = nextLineEnd(bytes, at, encoding)) {
    if (endsWithReturn(bytes, at - encoding.unit, encoding) !== returns) return "mixed";
  }
  return returns ? "crlf" : "lf";
}

/** Whether the code unit before `end` is a carriage return. */
export function endsWithReturn(bytes: Buffer, end: number, encoding: Encoding): boolean {
  if (end < encoding.unit) return false;
  if (encoding.family === "utf-16le") return bytes[end - 2] === 0x0d && bytes[end - 1] === 0;
  if (encoding.family === "utf-16be") return bytes[end - 2] === 0 && bytes[end - 1] === 0x0d;
  return bytes[end - 1] === 0x0d;
}

/** The length of the text without its last line feed, and without the carriage return before that. */
export function withoutLastLineEnd(bytes: Buffer, end: number, encoding: Encoding): number {
  if (end === 0 || lastLineEnd(bytes, end, encoding) !== end) return end;
  const bare = end - encoding.unit;
  return endsWithReturn(bytes, bare, encoding) ? bare - encoding.unit : bare;
}
