import { isAscii, isUtf8 } from "node:buffer";

/** Where a match is, in bytes. */
export interface MatchRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the first match of each line, or, across lines, one match for each line that a match begins on.
 *
 * Has no imports of this project but types, because it is what the worker runs.
 *
 * @param regex With the flags `g` and `v`.
 */
export function regexMatches(bytes: Buffer, regex: RegExp, multiline: boolean, limit: number): MatchRange[] {
  return multiline ? matchesAcross(bytes, regex, limit) : matchesByLine(bytes, regex, limit);
}

function matchesByLine(bytes: Buffer, regex: RegExp, limit: number): MatchRange[] {
  const ascii = isAscii(bytes) ? bytes.toString("latin1") : undefined;
  const ranges: MatchRange[] = [];
  for (let start = 0; start < bytes.length && ranges.length < limit; ) {
    const at = bytes.indexOf(0x0a, start);
    const next = at === -1 ? bytes.length : at;
    const end = at !== -1 && next > start && bytes[next - 1] === 0x0d ? next - 1 : next;
    const line = ascii?.slice(start, end) ?? textOf(bytes.subarray(start, end));
    regex.lastIndex = 0;
    const match = regex.exec(line);
    if (match) {
      const from = start + bytesOf(line.slice(0, match.index));
      ranges.push({ start: from, end: from + bytesOf(match[0]) });
    }
    start = next + 1;
  }
  return ranges;
}

function matchesAcross(bytes: Buffer, regex: RegExp, limit: number): MatchRange[] {
  const text = textOf(bytes);
  const ranges: MatchRange[] = [];
  let seen = 0;
  let offset = 0;
  let line = -1;
  regex.lastIndex = 0;
  for (const match of text.matchAll(regex)) {
    // Behind the last line end there is no line.
    if (match.index === text.length && (text === "" || text.endsWith("\n"))) break;
    const lineStart = match.index === 0 ? 0 : text.lastIndexOf("\n", match.index - 1) + 1;
    if (lineStart === line) continue;
    line = lineStart;
    offset += bytesOf(text.slice(seen, match.index));
    seen = match.index;
    ranges.push({ start: offset, end: offset + bytesOf(match[0]) });
    if (ranges.length >= limit) break;
  }
  return ranges;
}

const escapeStart = 0xdc00;

/** Text in which each byte that is no UTF-8 is half a surrogate pair of its own, which patterns can tell from text. */
function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    parts.push(
      length === 0 ? String.fromCharCode(escapeStart + (bytes[at] ?? 0)) : bytes.toString("utf8", at, at + length),
    );
    at += Math.max(1, length);
  }
  return parts.join("");
}

/** Bytes of the character at a place; 0 when there is none. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

function bytesOf(text: string): number {
  if (text.isWellFormed()) return Buffer.byteLength(text);
  const escaped = text.match(/(?<![\ud800-\udbff])[\udc00-\udfff]/g)?.length ?? 0;
  // Half a pair counts as the three bytes of U+FFFD, and was one.
  return Buffer.byteLength(text) - 2 * escaped;
}
