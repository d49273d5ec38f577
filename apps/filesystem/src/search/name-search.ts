import { crc32 } from "node:zlib";
import type { Operation } from "../safe-fs/file-system.ts";
import type { EntryType, Located } from "../safe-fs/located.ts";
import { pathBelow } from "../safe-fs/located.ts";
import { refusal } from "../safe-fs/refusal.ts";
import { joinPath, type TreeDirectory, type Verdict, walkTree } from "../safe-fs/tree.ts";
import { decodeCursor, encodeCursor, invalidCursor } from "../text/cursor.ts";
import { comparePaths } from "./compare-paths.ts";
import { IgnoreFiles } from "./gitignore.ts";
import { compileGlob, type GlobMatcher } from "./globs.ts";

/** What `search_files` is asked for. */
export interface NameSearchRequest {
  /** As the caller gave it. */
  readonly path: string;
  readonly pattern?: string | undefined;
  readonly query?: string | undefined;
  readonly excludePatterns: readonly string[];
  readonly type?: EntryType | undefined;
  readonly caseSensitive: boolean;
  readonly respectGitignore: boolean;
  readonly maxDepth?: number | undefined;
  readonly maxResults: number;
  readonly cursor?: string | undefined;
}

/** Where a search ends even if there is more. */
export interface NameSearchLimits {
  readonly timeoutMs: number;
  /** Of text. */
  readonly maxBytes: number;
}

/** What was found. */
export interface NameSearchResult {
  readonly matches: { readonly path: string; readonly type: EntryType }[];
  readonly truncated: boolean;
  readonly stoppedReason?: "maxResults" | "timeout" | "bytes";
  readonly nextCursor?: string;
  /** Directories that could not be looked into. */
  readonly skipped: number;
}

const kind = "search_files";

/**
 * Finds names below a directory, each directory before what it holds, names in byte order.
 *
 * @throws {FailureError} `INVALID_PATTERN`, `INVALID_INPUT`.
 */
export async function findNames(
  { scope, pacer }: Operation,
  start: Located,
  request: NameSearchRequest,
  limits: NameSearchLimits,
  progress: (entries: number) => void,
): Promise<NameSearchResult> {
  const ignoreFiles = request.respectGitignore ? new IgnoreFiles(scope, start) : undefined;
  const search = new NameSearch(request, limits, ignoreFiles);
  await ignoreFiles?.readAbove(start, pacer);
  const deadline = performance.now() + limits.timeoutMs;
  const isComplete = await walkTree(scope, start, search, pacer, () => {
    progress(search.seen);
    return performance.now() < deadline;
  });
  return search.result(isComplete);
}

class NameSearch {
  seen = 0;
  readonly #request: NameSearchRequest;
  readonly #maxBytes: number;
  readonly #ignoreFiles: IgnoreFiles | undefined;
  readonly #fits: (path: string, name: string) => boolean;
  readonly #excluded: readonly GlobMatcher[];
  /** Last path of the page before. */
  readonly #after: string | undefined;
  readonly #matches: NameSearchResult["matches"] = [];
  #stoppedReason: NameSearchResult["stoppedReason"];
  #last: string | undefined;
  #bytes = 0;
  #skipped = 0;

  constructor(request: NameSearchRequest, { maxBytes }: NameSearchLimits, ignoreFiles: IgnoreFiles | undefined) {
    const { pattern, query, excludePatterns, caseSensitive, cursor } = request;
    if ((pattern === undefined) === (query === undefined)) {
      throw refusal("INVALID_INPUT", "Give exactly one of pattern and query.", "Use query for a part of a name.");
    }
    this.#request = request;
    this.#maxBytes = maxBytes;
    this.#ignoreFiles = ignoreFiles;
    this.#fits = pattern === undefined ? queryMatcher(query ?? "") : compileGlob(pattern, caseSensitive);
    this.#excluded = excludePatterns.map((glob) => compileGlob(glob, caseSensitive));
    this.#after = cursor === undefined ? undefined : placeOf(request, cursor);
  }

  enter(directory: TreeDirectory): void {
    this.#ignoreFiles?.enter(directory);
  }

  leave(): void {
    this.#ignoreFiles?.leave();
  }

  failed(): void {
    this.#skipped += 1;
  }

  entry(name: string, type: EntryType, directory: TreeDirectory): Verdict {
    const path = joinPath(directory.path, name);
    this.seen += 1;
    if (this.#excluded.some((matches) => matches(path))) return undefined;
    if (this.#ignoreFiles?.ignores(directory.path, name, type === "directory")) return undefined;
    const { maxDepth = Number.POSITIVE_INFINITY, type: wanted } = this.#request;
    const isPast = this.#after !== undefined && comparePaths(path, this.#after) <= 0;
    const isMatch = !isPast && (wanted === undefined || wanted === type) && this.#fits(path, name);
    if (isMatch && !this.#take(pathBelow(directory.root.path, [...directory.names, name]), type)) return "stop";
    if (!isPast) this.#last = path;
    return type === "directory" && directory.depth + 1 < maxDepth ? "enter" : undefined;
  }

  result(isComplete: boolean): NameSearchResult {
    const found = { matches: this.#matches, skipped: this.#skipped };
    if (isComplete) return { ...found, truncated: false };
    const place = this.#last ?? this.#after;
    const nextCursor =
      place === undefined ? {} : { nextCursor: encodeCursor(kind, [identityOf(this.#request), place]) };
    return { ...found, truncated: true, stoppedReason: this.#stoppedReason ?? "timeout", ...nextCursor };
  }

  /** @returns False when the page is full. */
  #take(path: string, type: EntryType): boolean {
    const bytes = Buffer.byteLength(path) + 1;
    if (this.#matches.length >= this.#request.maxResults) this.#stoppedReason = "maxResults";
    // One match is always shown, so that every page goes on.
    else if (this.#matches.length > 0 && this.#bytes + bytes > this.#maxBytes) this.#stoppedReason = "bytes";
    if (this.#stoppedReason) return false;
    this.#bytes += bytes;
    this.#matches.push({ path, type });
    return true;
  }
}

function queryMatcher(query: string): (path: string, name: string) => boolean {
  if (/[*?[{]/.test(query)) {
    const matches = compileGlob(query, false);
    return (_path, name) => matches(name);
  }
  const wanted = query.toLowerCase();
  return (_path, name) => name.toLowerCase().includes(wanted);
}

function placeOf(request: NameSearchRequest, cursor: string): string {
  const [identity, place, ...more] = decodeCursor(kind, cursor);
  if (typeof place !== "string" || more.length > 0) throw invalidCursor("is damaged");
  if (identity !== identityOf(request)) throw invalidCursor("belongs to a search with other arguments");
  return place;
}

/** Tells searches apart whose results differ. */
function identityOf(request: NameSearchRequest): number {
  const { path, pattern, query, excludePatterns, type, caseSensitive, respectGitignore, maxDepth } = request;
  return crc32(
    JSON.stringify([path, pattern, query, excludePatterns, type, caseSensitive, respectGitignore, maxDepth]),
  );
}
