import { decode, type Encoding } from "../encoding.ts";
import { lastLineEnd } from "../lines.ts";
import type { Pacer } from "../pacer.ts";

const shownLines = 20;
const maxShown = 1200;
const block = 1 << 20;
const searchMs = 500;
const diffMs = 200;

/** The part of a text that is most like what was looked for. */
export interface NearestRegion {
  /** From 1. */
  readonly startLine: number;
  readonly endLine: number;
  /** What would turn the lines that were looked for into these. */
  readonly diff: string;
}

/**
 * Finds the lines that share most with `oldText`, for a hint; gives up after half a second.
 *
 * @returns `undefined` when nothing is alike.
 */
export async function nearestRegion(
  text: Buffer,
  encoding: Encoding,
  oldText: string,
  pacer: Pacer,
): Promise<NearestRegion | undefined> {
  const wanted = oldText
    .replace(/\r?\n$/, "")
    .split(/\r?\n/)
    .slice(0, shownLines);
  const scores = new Scores(wanted);
  const deadline = performance.now() + searchMs;
  let firstLine = 0;
  for (let start = 0; start < text.length && performance.now() < deadline; ) {
    const until = Math.min(text.length, start + block);
    const end = until === text.length ? until : lastLineEnd(text, until, encoding);
    // A line longer than a block is like nothing a caller would quote.
    if (end <= start) break;
    const lines = decode(text.subarray(start, end), encoding).split(/\r?\n/);
    for (const [index, line] of lines.entries()) scores.add(line, firstLine + index);
    firstLine += lines.length - 1;
    start = end;
    if (pacer.due) await pacer.pause();
  }
  const startLine = scores.best();
  if (startLine === undefined) return undefined;
  const region = linesAt(text, encoding, startLine, wanted.length);
  const diff = await shortDiff(wanted.join("\n"), region.join("\n"));
  return { startLine: startLine + 1, endLine: startLine + region.length, diff };
}

/** Rates each place where the wanted lines could begin by how many of them are there, or nearly there. */
class Scores {
  readonly #wanted: ReadonlyMap<string, readonly number[]>;
  readonly #words: readonly (readonly [number, ReadonlySet<string>])[];
  readonly #scores = new Map<number, number>();

  constructor(wanted: readonly string[]) {
    const filled = wanted.map((line, index) => [line.trim(), index] as const).filter(([line]) => line !== "");
    const grouped = Map.groupBy(filled, ([line]) => line);
    this.#wanted = new Map([...grouped].map(([line, all]) => [line, all.map(([, index]) => index)]));
    // The longest lines say most about the place.
    const longest = filled.toSorted(([left], [right]) => right.length - left.length).slice(0, 3);
    this.#words = longest.map(([line, index]) => [index, wordsOf(line)]);
  }

  add(line: string, number: number): void {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.length > 2000) return;
    for (const index of this.#wanted.get(trimmed) ?? []) this.#count(number - index, 1);
    const words = wordsOf(trimmed);
    for (const [index, wanted] of this.#words) {
      const likeness = (2 * countShared(wanted, words)) / (wanted.size + words.size);
      if (likeness >= 0.4) this.#count(number - index, likeness);
    }
  }

  best(): number | undefined {
    let best: readonly [number, number] | undefined;
    for (const entry of this.#scores) if (!best || entry[1] > best[1]) best = entry;
    return best?.[0];
  }

  #count(start: number, score: number): void {
    if (start < 0 || this.#scores.size > 100_000) return;
    this.#scores.set(start, (this.#scores.get(start) ?? 0) + score);
  }
}

function countShared(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let count = 0;
  for (const word of left) if (right.has(word)) count += 1;
  return count;
}

function wordsOf(line: string): Set<string> {
  return new Set(line.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu));
}

function linesAt(text: Buffer, encoding: Encoding, first: number, count: number): string[] {
  const lines: string[] = [];
  let number = 0;
  for (let start = 0; start < text.length && lines.length < count; ) {
    const until = Math.min(text.length, start + block);
    const end = until === text.length ? until : lastLineEnd(text, until, encoding);
    const found = decode(text.subarray(start, end), encoding).split(/\r?\n/);
    if (found.at(-1) === "") found.pop();
    lines.push(...found.slice(Math.max(0, first - number), first - number + count).slice(0, count - lines.length));
    number += found.length;
    start = end;
  }
  return lines;
}

async function shortDiff(wanted: string, region: string): Promise<string> {
  const { structuredPatch } = await import("diff");
  const options = { context: shownLines, timeout: diffMs };
  const patch = structuredPatch("oldText", "file", `${wanted}\n`, `${region}\n`, "", "", options);
  const lines = patch?.hunks.flatMap((hunk) => hunk.lines) ?? region.split("\n").map((line) => ` ${line}`);
  const shown: string[] = [];
  let size = 0;
  for (const line of lines.slice(0, shownLines)) {
    const cut = line.length > 160 ? `${line.slice(0, 160)}…` : line;
    size += Buffer.byteLength(cut) + 1;
    if (size > maxShown) break;
    shown.push(cut);
  }
  return shown.join("\n");
}
