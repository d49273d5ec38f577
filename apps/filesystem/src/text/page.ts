import { isUtf8 } from "node:buffer";
import { utf8Boundary } from "./detect.ts";
import { decode, type Encoding } from "./encoding.ts";
import { countLineEnds, lastLineEnd, nthLineEnd, withoutLastLineEnd } from "./lines.ts";

/** What part of a block of bytes is wanted. */
export interface PageRequest {
  /** At most so many lines; `undefined` for all. */
  readonly lineLimit: number | undefined;
  /** At most so many bytes of the text, encoded as UTF-8. */
  readonly cap: number;
  /** The number of the first line, when each line shall begin with its own. */
  readonly numberFrom: number | undefined;
  /** Whether the block reaches the end of the file. */
  readonly last: boolean;
  /** Whether the text leaves out its very last line end, as ranges do. */
  readonly trimmed: boolean;
}

/** A piece of text and how far it reaches. */
export interface Page {
  readonly text: string;
  /** Offset in the block behind the piece; includes a line end that `trimmed` left out. */
  readonly end: number;
  /** Line ends in the piece. */
  readonly lineEnds: number;
  /** Whether the piece ends with its line. */
  readonly wholeLines: boolean;
  /** Whether the cap cut it. */
  readonly cut: boolean;
}

/**
 * Takes the wanted lines from the beginning of a block, cut to the cap at the last line end or, in a line longer than
 * the cap, between two characters.
 *
 * @param block Begins at a character; ends anywhere.
 */
export function takePage(block: Buffer, encoding: Encoding, request: PageRequest): Page {
  const { lineLimit } = request;
  const lineEnd = lineLimit ? nthLineEnd(block, 0, lineLimit, encoding) : lineLimit === 0 ? 0 : -1;
  const wanted = lineEnd === -1 ? block : block.subarray(0, lineEnd);
  const whole = lineEnd !== -1 || request.last;
  const fits = whole ? render(wanted, encoding, request) : undefined;
  if (fits !== undefined && Buffer.byteLength(fits) <= request.cap) {
    return { text: fits, end: wanted.length, cut: false, ...linesOf(wanted, encoding) };
  }
  const end = cutOf(wanted, encoding, request);
  const piece = wanted.subarray(0, end);
  return { text: numbered(decode(piece, encoding), request), end, cut: true, ...linesOf(piece, encoding) };
}

function linesOf(piece: Buffer, encoding: Encoding): { lineEnds: number; wholeLines: boolean } {
  return {
    lineEnds: countLineEnds(piece, encoding),
    wholeLines: lastLineEnd(piece, piece.length, encoding) === piece.length,
  };
}

function render(wanted: Buffer, encoding: Encoding, request: PageRequest): string {
  const end = request.trimmed ? withoutLastLineEnd(wanted, wanted.length, encoding) : wanted.length;
  return numbered(decode(wanted.subarray(0, end), encoding), request);
}

function numbered(text: string, { numberFrom }: PageRequest): string {
  if (numberFrom === undefined || text === "") return text;
  const lines = text.split("\n");
  // What follows a final line end is not a line.
  const tail = lines.at(-1) === "" ? lines.splice(-1) : [];
  return [...lines.map((line, index) => `${numberFrom + index}\t${line}`), ...tail].join("\n");
}

function cutOf(block: Buffer, encoding: Encoding, request: PageRequest): number {
  let end = boundary(block, Math.min(block.length, request.cap * 2), encoding);
  for (let cost = costOf(block, end, encoding, request); cost > request.cap; ) {
    end = boundary(block, Math.min(end - 1, Math.floor((end * request.cap) / cost)), encoding);
    cost = costOf(block, end, encoding, request);
  }
  return lastLineEnd(block, end, encoding) || end;
}

/** Bytes the first `end` bytes of the block need in the answer, at most. */
function costOf(block: Buffer, end: number, encoding: Encoding, { numberFrom }: PageRequest): number {
  const piece = block.subarray(0, end);
  const plain = encoding.family === "utf-8" && isUtf8(piece) ? end : Buffer.byteLength(decode(piece, encoding));
  if (numberFrom === undefined) return plain;
  const lines = countLineEnds(piece, encoding) + 1;
  return plain + lines * (String(numberFrom + lines).length + 1);
}

/** The last place at or before `end` that is between two characters. */
function boundary(block: Buffer, end: number, encoding: Encoding): number {
  if (encoding.family === "utf-8") return utf8Boundary(block, end);
  if (encoding.family === "single-byte") return end;
  if (encoding.family === "multi-byte") return multiByteBoundary(block, end, encoding);
  return utf16Boundary(block, end - (end % 2), encoding);
}

function utf16Boundary(block: Buffer, end: number, encoding: Encoding): number {
  const high = end < 2 ? 0 : encoding.family === "utf-16le" ? block[end - 1] : block[end - 2];
  return ((high ?? 0) & 0xfc) === 0xd8 ? end - 2 : end;
}

function multiByteBoundary(block: Buffer, end: number, encoding: Encoding): number {
  const start = lastLineEnd(block, end, encoding);
  for (let place = end; place > Math.max(start, end - 4); place -= 1) {
    if (isBetweenCharacters(block.subarray(start, place), encoding)) return place;
  }
  return end;
}

/** Whether bytes that begin at a character also end at one. */
export function isBetweenCharacters(bytes: Buffer, encoding: Encoding): boolean {
  if (encoding.family !== "multi-byte") return true;
  const unfinished = new TextDecoder(encoding.name).decode(bytes, { stream: true });
  return unfinished.length === decode(bytes, encoding).length;
}
