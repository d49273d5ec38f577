import type { Encoding } from "../text/encoding.ts";
import { comparePaths } from "./compare-paths.ts";
import { type ContentPlace, type ContentQuery, contentCursor } from "./content-query.ts";
import { describeHits, type LineMatch } from "./describe-hits.ts";
import type { Hit } from "./searched-text.ts";

/** Lines that match, with the file they are in. */
export interface ContentMatch extends LineMatch {
  /** Absolute. */
  readonly path: string;
}

/** Why a search ended before everything was searched. */
export type StopReason = "maxResults" | "timeout" | "bytes";

/** A file that was found to match. */
export interface MatchingFile {
  /** Relative to where the search begins. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: Buffer;
  readonly hits: readonly Hit[];
}

/** Collects results in order, from behind the cursor, until the page is full. */
export class ContentPage {
  readonly matches: ContentMatch[] = [];
  readonly files: string[] = [];
  readonly counts: { readonly path: string; readonly count: number }[] = [];
  /** Files with more matches than are reported of one file. */
  filesCut = 0;
  stoppedReason: StopReason | undefined;
  readonly #query: ContentQuery;
  readonly #maxBytes: number;
  readonly #legacy: Encoding;
  readonly #matched = new Set<string>();
  #bytes = 0;
  #hasGaps = false;
  #last: ContentPlace | undefined;

  constructor(query: ContentQuery, maxBytes: number, legacy: Encoding) {
    this.#query = query;
    this.#maxBytes = maxBytes;
    this.#legacy = legacy;
  }

  /** Files that match, in this page. */
  get filesMatched(): number {
    return this.#matched.size;
  }

  get nextCursor(): string | undefined {
    if (this.stoppedReason === undefined || this.#hasGaps) return undefined;
    // Nothing was reached beyond the page before: going on from there is all that can be done.
    const place = this.#last ?? this.#query.after;
    return place && contentCursor(this.#query, place);
  }

  /** How many hits of a file are of use; one more tells that there are more. */
  get hitLimit(): number {
    const { outputMode, maxMatchesPerFile } = this.#query;
    if (outputMode === "count") return Number.POSITIVE_INFINITY;
    return outputMode === "files" ? 1 : maxMatchesPerFile + 1;
  }

  /** Whether everything in a file was reported by earlier pages. */
  isPast(path: string): boolean {
    const { after } = this.#query;
    if (!after) return false;
    const order = comparePaths(path, after.path);
    return order < 0 || (order === 0 && after.line === Number.POSITIVE_INFINITY);
  }

  /** Takes note that everything up to this file was searched, so that a search out of time goes on behind it. */
  passed(path: string): void {
    this.#last = { path, line: Number.POSITIVE_INFINITY };
  }

  /** @returns False when the page is full. */
  add(file: MatchingFile): boolean {
    const { path, absolute, hits } = file;
    if (hits.length === 0 || this.isPast(path)) return true;
    const { outputMode } = this.#query;
    if (outputMode === "matches") return this.#addMatches(file);
    if (!this.#hasRoom(this.files.length + this.counts.length, Buffer.byteLength(absolute) + 1)) return false;
    if (outputMode === "files") this.files.push(absolute);
    else this.counts.push({ path: absolute, count: hits.length });
    this.#matched.add(path);
    this.passed(path);
    return true;
  }

  stop(reason: StopReason): void {
    this.stoppedReason ??= reason;
  }

  /** Out of time, and what was found so far is not all there is before its end: there is no place to go on from. */
  stopWithGaps(): void {
    this.stop("timeout");
    this.#hasGaps = true;
  }

  #addMatches({ path, absolute, bytes, hits }: MatchingFile): boolean {
    const { maxMatchesPerFile, contextLines, after } = this.#query;
    const shown = hits.slice(0, maxMatchesPerFile);
    const seenLine = after?.path === path ? after.line : 0;
    for (const match of describeHits(bytes, shown, contextLines, this.#legacy)) {
      if (match.line <= seenLine) continue;
      if (!this.#hasRoom(this.matches.length, sizeOf(absolute, match))) return false;
      this.matches.push({ path: absolute, ...match });
      this.#matched.add(path);
      this.#last = { path, line: match.line };
    }
    if (hits.length > shown.length) this.filesCut += 1;
    this.passed(path);
    return true;
  }

  #hasRoom(results: number, bytes: number): boolean {
    if (results >= this.#query.maxResults) this.stop("maxResults");
    // One result is always shown, so that every page goes on.
    else if (results > 0 && this.#bytes + bytes > this.#maxBytes) this.stop("bytes");
    if (this.stoppedReason !== undefined) return false;
    this.#bytes += bytes;
    return true;
  }
}

function sizeOf(path: string, { text, before = [], after = [] }: LineMatch): number {
  const lines = [text, ...before, ...after];
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + Buffer.byteLength(path) + 12, 0);
}
