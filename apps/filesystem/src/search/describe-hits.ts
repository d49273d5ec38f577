import { isUtf8 } from "node:buffer";
import { utf8Boundary } from "../text/detect.ts";
import { decode, type Encoding, utf8 } from "../text/encoding.ts";
import { countLineEnds } from "../text/lines.ts";
import { type Hit, lineEndAt, lineStartAt } from "./searched-text.ts";

const maxShown = 2000;

/** Matching lines as they are reported. */
export interface LineMatch {
  /** From 1. */
  readonly line: number;
  /** Where the match begins, in characters from 1. */
  readonly column: number;
  readonly text: string;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Whether `text` is a part of a longer line, around the match. */
  readonly textTruncated?: boolean;
}

/**
 * Describes hits from top to bottom.
 *
 * @param legacy Encoding of lines that are not UTF-8.
 */
export function* describeHits(
  bytes: Buffer,
  hits: Iterable<Hit>,
  contextLines: number,
  legacy: Encoding,
): Generator<LineMatch> {
  let known = 0;
  let line = 1;
  for (const hit of hits) {
    line += countLineEnds(bytes.subarray(known, hit.start), utf8);
    known = hit.start;
    yield { line, ...shownText(bytes, hit, legacy), ...context(bytes, hit, contextLines, legacy) };
  }
}

function shownText(bytes: Buffer, { start, matchStart, end }: Hit, legacy: Encoding): Omit<LineMatch, "line"> {
  const encoding = encodingOf(bytes.subarray(start, end), legacy);
  const prefix = decode(bytes.subarray(start, matchStart), encoding);
  const column = countCharacters(prefix) + 1;
  const text = decode(bytes.subarray(start, end), encoding).replaceAll("\r\n", "\n");
  if (text.length <= maxShown) return { column, text };
  // Half of what is shown stands before the match, unless the line ends too soon behind it.
  const from = Math.max(0, Math.min(prefix.length - maxShown / 2, text.length - maxShown));
  return { column, text: cut(text, from, from + maxShown), textTruncated: true };
}

function context(
  bytes: Buffer,
  { start, end }: Hit,
  contextLines: number,
  legacy: Encoding,
): Pick<LineMatch, "before" | "after"> {
  if (contextLines === 0) return {};
  const before: string[] = [];
  for (let from = start; from > 0 && before.length < contextLines; ) {
    const to = from - 1;
    from = lineStartAt(bytes, to);
    before.unshift(shownLine(bytes.subarray(from, lineEndAt(bytes, to)), legacy));
  }
  const after: string[] = [];
  for (let at = bytes.indexOf(0x0a, end); at !== -1 && at + 1 < bytes.length && after.length < contextLines; ) {
    const to = lineEndAt(bytes, at + 1);
    after.push(shownLine(bytes.subarray(at + 1, to), legacy));
    at = bytes.indexOf(0x0a, to);
  }
  return { before, after };
}

function shownLine(bytes: Buffer, legacy: Encoding): string {
  const encoding = encodingOf(bytes, legacy);
  // A neighbour may be a very long line, and be one to many matches.
  const most = maxShown * 4;
  const end = bytes.length <= most ? bytes.length : encoding === utf8 ? utf8Boundary(bytes, most) : most;
  return cut(decode(bytes.subarray(0, end), encoding), 0, maxShown);
}

function encodingOf(bytes: Buffer, legacy: Encoding): Encoding {
  return isUtf8(bytes) ? utf8 : legacy;
}

/** A part of a text that does not begin or end with half of a character. */
function cut(text: string, from: number, to: number): string {
  const isHalf = (at: number): boolean => /[\udc00-\udfff]/.test(text.charAt(at)) && at > 0;
  return text.slice(isHalf(from) ? from + 1 : from, isHalf(to) ? to - 1 : to);
}

function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
