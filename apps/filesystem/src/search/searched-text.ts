import { decode, utf16be, utf16le } from "../text/encoding.ts";

/** A file's content as both engines see it: UTF-8, or bytes that are taken for it. */
export interface SearchedText {
  /** Without a byte order mark; UTF-16 that has one is converted. */
  readonly bytes: Buffer;
  /** Whether it holds NUL bytes, so that nobody wants to see its lines. */
  readonly isBinary: boolean;
}

export function searchedText(file: Buffer): SearchedText {
  const bytes = withoutMark(file);
  return { bytes, isBinary: bytes.includes(0) };
}

function withoutMark(file: Buffer): Buffer {
  const [first, second, third] = file;
  if (first === 0xef && second === 0xbb && third === 0xbf) return file.subarray(3);
  if (first === 0xff && second === 0xfe) return Buffer.from(decode(file.subarray(2), utf16le));
  if (first === 0xfe && second === 0xff) return Buffer.from(decode(file.subarray(2), utf16be));
  return file;
}

/** Lines that match, as offsets in a searched text. */
export interface Hit {
  /** Where the first line begins. */
  readonly start: number;
  readonly matchStart: number;
  /** Where the last line ends, before its line end. */
  readonly end: number;
}

const lineFeed = 0x0a;

/** Where the line begins that an offset is on. */
export function lineStartAt(bytes: Buffer, offset: number): number {
  return offset === 0 ? 0 : bytes.lastIndexOf(lineFeed, offset - 1) + 1;
}

/** Where the line ends, before its line end, that the last byte before an offset is on. */
export function lineEndAt(bytes: Buffer, offset: number): number {
  const at = bytes.indexOf(lineFeed, offset);
  const end = at === -1 ? bytes.length : at;
  return end > 0 && at !== -1 && bytes[end - 1] === 0x0d ? end - 1 : end;
}

/** The lines a match is on; a match that ends with a line end does not touch the line behind it. */
export function hitOf(bytes: Buffer, matchStart: number, matchEnd: number): Hit {
  const start = lineStartAt(bytes, matchStart);
  const last = matchEnd > matchStart && bytes[matchEnd - 1] === lineFeed ? matchEnd - 1 : matchEnd;
  return { start, matchStart, end: Math.max(start, lineEndAt(bytes, last)) };
}
