import { decode, type Encoding } from "../encoding.ts";
import { endsWithReturn, lastLineEnd, nextLineEnd } from "../lines.ts";
import type { Pacer } from "../pacer.ts";
import { findBytes, type Range } from "./find-exact.ts";

/** Whole lines that equal the wanted ones but for white space at both ends. */
export interface FlexibleMatch extends Range {
  /** White space before the first line that is not blank. */
  readonly indent: string;
}

/** What is looked for. */
export interface WantedLines {
  /** Each without white space at both ends. */
  readonly lines: readonly string[];
  /** Whether the range includes the end of the last line. */
  readonly withLastEnd: boolean;
}

/** Of this many lines the rarest is looked for. */
const comparedLines = 8;
const countedPlaces = 1000;

/** The lines of a text to look for; `undefined` when all are blank, which would match anywhere. */
export function wantedLines(oldText: string): WantedLines | undefined {
  const lines = oldText.split("\n").map((line) => line.trim());
  const withLastEnd = lines.length > 1 && oldText.endsWith("\n");
  if (withLastEnd) lines.pop();
  return lines.some((line) => line !== "") ? { lines, withLastEnd } : undefined;
}

/**
 * Finds whole lines that are equal after trimming, from the top, none overlapping the match before.
 *
 * @param encodeLine Gives the bytes of a line; every line of `wanted` has some.
 */
export async function findFlexible(
  text: Buffer,
  wanted: WantedLines,
  encoding: Encoding,
  encoded: readonly Buffer[],
  pacer: Pacer,
): Promise<FlexibleMatch[]> {
  const matches: FlexibleMatch[] = [];
  const anchor = rarestLine(text, encoded, encoding);
  let searchedTo = 0;
  for (const { start } of findBytes(text, encoded[anchor] ?? text, encoding)) {
    if (pacer.due) await pacer.pause();
    const line = lastLineEnd(text, start, encoding);
    // The same line again: its text held the anchor twice.
    if (line < searchedTo) continue;
    const match = matchAround(text, line, anchor, wanted, encoding);
    searchedTo = match ? match.end : (lineBounds(text, line, encoding)?.next ?? text.length);
    if (match && match.start >= (matches.at(-1)?.end ?? 0)) matches.push(match);
  }
  return matches;
}

function rarestLine(text: Buffer, encoded: readonly Buffer[], encoding: Encoding): number {
  const candidates = encoded
    .map((bytes, index) => ({ bytes, index }))
    .filter(({ bytes }) => bytes.length > 0)
    .toSorted((left, right) => right.bytes.length - left.bytes.length)
    .slice(0, comparedLines);
  let best = { index: candidates[0]?.index ?? 0, places: Number.POSITIVE_INFINITY };
  for (const { bytes, index } of candidates) {
    const places = countUpTo(findBytes(text, bytes, encoding), Math.min(best.places, countedPlaces));
    if (places < best.places) best = { index, places };
    if (places <= 1) break;
  }
  return best.index;
}

function countUpTo(found: Iterable<unknown>, limit: number): number {
  let count = 0;
  for (const _ of found) {
    count += 1;
    if (count >= limit) break;
  }
  return count;
}

interface LineBounds {
  readonly start: number;
  /** Before the line end. */
  readonly end: number;
  /** Behind the line end. */
  readonly next: number;
}

function lineBounds(text: Buffer, start: number, encoding: Encoding): LineBounds | undefined {
  if (start >= text.length) return undefined;
  const next = nextLineEnd(text, start, encoding);
  if (next === -1) return { start, end: text.length, next: text.length };
  const bare = next - encoding.unit;
  return { start, end: endsWithReturn(text, bare, encoding) ? bare - encoding.unit : bare, next };
}

function matchAround(
  text: Buffer,
  anchorLine: number,
  anchor: number,
  { lines, withLastEnd }: WantedLines,
  encoding: Encoding,
): FlexibleMatch | undefined {
  const start = matchUpwards(text, anchorLine, lines.slice(0, anchor), encoding);
  if (start === undefined) return undefined;
  let end = anchorLine;
  let next = anchorLine;
  for (const wanted of lines.slice(anchor)) {
    const bounds = lineBounds(text, next, encoding);
    // A blank last line may also be the empty rest behind the last line end of the file.
    if (!bounds && wanted !== "") return undefined;
    if (bounds && trimmedLine(text, bounds, encoding) !== wanted) return undefined;
    end = bounds?.end ?? text.length;
    next = bounds?.next ?? text.length;
  }
  const range = { start, end: withLastEnd ? next : end };
  return { ...range, indent: indentOf(decode(text.subarray(start, range.end), encoding)) };
}

function matchUpwards(text: Buffer, from: number, lines: readonly string[], encoding: Encoding): number | undefined {
  let start = from;
  for (const wanted of lines.toReversed()) {
    if (start === 0) return undefined;
    start = lastLineEnd(text, start - encoding.unit, encoding);
    const bounds = lineBounds(text, start, encoding);
    if (!bounds || trimmedLine(text, bounds, encoding) !== wanted) return undefined;
  }
  return start;
}

function trimmedLine(text: Buffer, { start, end }: LineBounds, encoding: Encoding): string {
  return decode(text.subarray(start, end), encoding).trim();
}

/** White space before the first text of the first line that has any. */
export function indentOf(text: string): string {
  return /^[^\S\n]*(?=\S)/m.exec(text)?.[0] ?? "";
}
