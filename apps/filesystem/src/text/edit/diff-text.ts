import { decode, type Encoding } from "../encoding.ts";
import { countLineEnds, lastLineEnd, nextLineEnd, nthLineEnd } from "../lines.ts";
import type { Pacer } from "../pacer.ts";
import type { Change, ChangeLog } from "./change-log.ts";
import { contextLines, HunkWriter } from "./hunks.ts";
import { diffLines } from "./line-diff.ts";

const noLineEnd = "\\ No newline at end of file";

/** What edits did, for a reader. */
export interface EditDiff {
  /** A unified diff in a fenced block, laid out as the official server's. */
  readonly text: string;
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

/**
 * Builds a unified diff from changes that are known, at a cost that grows with them and not with the text.
 *
 * @param path Shown in the diff's header.
 */
export async function diffOf(log: ChangeLog, encoding: Encoding, path: string, pacer: Pacer): Promise<EditDiff> {
  const { original } = log;
  const writer = new HunkWriter();
  const keep = (start: number, end: number): void => {
    for (const text of linesOf(original.subarray(start, end), end === original.length, encoding)) {
      writer.line({ mark: " ", text });
    }
  };
  let done = 0;
  for (const { start, end, bytes } of blocksOf(log, encoding)) {
    for (const [from, to] of nearLines(original, done, start, encoding, writer)) keep(from, to);
    const last = end === original.length;
    const before = linesOf(original.subarray(start, end), last, encoding);
    for (const line of diffLines(before, linesOf(bytes, last, encoding))) writer.line(line);
    done = end;
    if (pacer.due) await pacer.pause();
  }
  const behind = nthLineEnd(original, done, contextLines, encoding);
  keep(done, behind === -1 ? original.length : behind);
  const header = `Index: ${path}\n${"=".repeat(67)}\n--- ${path}\toriginal\n+++ ${path}\tmodified\n`;
  const text = fenced(header + writer.finish());
  return { text, linesAdded: writer.linesAdded, linesRemoved: writer.linesRemoved };
}

/** Whole lines of the original, and the bytes that replace them. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** Widens changes to whole lines; changes that share a line become one block. */
function* blocksOf({ original, changes }: ChangeLog, encoding: Encoding): Generator<Block> {
  let open: { start: number; end: number; changes: Change[] } | undefined;
  for (const change of changes) {
    const behind = nextLineEnd(original, change.end, encoding);
    const end = behind === -1 ? original.length : behind;
    if (open && change.start < open.end) {
      open.changes.push(change);
      open.end = end;
      continue;
    }
    if (open) yield blockOf(original, open);
    open = { start: lastLineEnd(original, change.start, encoding), end, changes: [change] };
  }
  if (open) yield blockOf(original, open);
}

function blockOf(original: Buffer, open: { start: number; end: number; changes: readonly Change[] }): Block {
  const parts: Buffer[] = [];
  let from = open.start;
  for (const { start, end, bytes } of open.changes) {
    parts.push(original.subarray(from, start), bytes);
    from = end;
  }
  parts.push(original.subarray(from, open.end));
  return { start: open.start, end: open.end, bytes: Buffer.concat(parts) };
}

/** The stretches of unchanged lines between two blocks that may be shown; the rest between them is skipped. */
function* nearLines(
  text: Buffer,
  start: number,
  end: number,
  encoding: Encoding,
  writer: HunkWriter,
): Generator<readonly [number, number]> {
  const lines = countLineEnds(text.subarray(start, end), encoding);
  if (lines <= 2 * contextLines) {
    yield [start, end];
    return;
  }
  const from = nthLineEnd(text, start, contextLines, encoding);
  yield [start, from];
  let to = end;
  for (let line = 0; line < contextLines; line += 1) to = lastLineEnd(text, to - encoding.unit, encoding);
  writer.skip(lines - 2 * contextLines);
  yield [to, end];
}

/** The lines of whole-line bytes, without their ends; the last line of the file says when it has none. */
function linesOf(bytes: Buffer, last: boolean, encoding: Encoding): string[] {
  const lines = decode(bytes, encoding).split("\n");
  const rest = lines.pop() ?? "";
  const whole = lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (rest === "") return whole;
  return [...whole, last ? `${rest}\n${noLineEnd}` : rest];
}

/** A code block whose fence is longer than any run of backticks inside. */
function fenced(diff: string): string {
  const runs = diff.match(/`+/g) ?? [];
  const fence = "`".repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 2) + 1);
  return `${fence}diff\n${diff}${fence}\n\n`;
}
