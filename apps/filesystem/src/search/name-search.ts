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
  progress(search.seen);
  return search.result(isComplete);
}

class NameSearch {
  seen = 0;
  readonly #request: NameSearchRequest;
  readonly #maxBytes: number;
  readonly #ignoreFiles: IgnoreFiles | undefined;
  readonly #fits: (directory: string, name: string) => boolean;
  readonly #excluded: readonly GlobMatcher[];
  /** Last path of the page before. */
  readonly #after: string | undefined;
  readonly #matches: NameSearchResult["matches"] = [];
  #stoppedReason: NameSearchResult["stoppedReason"];
  /** Where the walk has come to; put together only when somebody asks. */
  #lastDirectory: TreeDirectory | undefined;
  #lastName = "";
  /** The directory whose absolute path was put together last, and that path with a slash. */
  #prefix: { readonly directory: TreeDirectory; readonly path: string } | undefined;
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
    this.#fits = pattern === undefined ? queryMatcher(query ?? "") : patternMatcher(pattern, caseSensitive);
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
    this.seen += 1;
    if (this.#isLeftOut(name, type, directory)) return undefined;
    const { maxDepth = Number.POSITIVE_INFINITY, type: wanted } = this.#request;
    const isPast = this.#after !== undefined && comparePaths(joinPath(directory.path, name), this.#after) <= 0;
    if (!isPast) {
      const isMatch = (wanted === undefined || wanted === type) && this.#fits(directory.path, name);
      if (isMatch && !this.#take(this.#absolute(directory, name), type)) return "stop";
      this.#lastDirectory = directory;
      this.#lastName = name;
    }
    return type === "directory" && directory.depth + 1 < maxDepth ? "enter" : undefined;
  }

  result(isComplete: boolean): NameSearchResult {
    const found = { matches: this.#matches, skipped: this.#skipped };
    if (isComplete) return { ...found, truncated: false };
    const last = this.#lastDirectory && joinPath(this.#lastDirectory.path, this.#lastName);
    const place = last ?? this.#after;
    const nextCursor =
      place === undefined ? {} : { nextCursor: encodeCursor(kind, [identityOf(this.#request), place]) };
    return { ...found, truncated: true, stoppedReason: this.#stoppedReason ?? "timeout", ...nextCursor };
  }

  #isLeftOut(name: string, type: EntryType, { path }: TreeDirectory): boolean {
    if (this.#excluded.length > 0 && this.#excluded.some((matches) => matches(joinPath(path, name)))) return true;
    return this.#ignoreFiles?.ignores(path, name, type === "directory") ?? false;
  }

  #absolute(directory: TreeDirectory, name: string): string {
    if (this.#prefix?.directory !== directory) {
      const path = pathBelow(directory.root.path, [...directory.names, ""]);
      this.#prefix = { directory, path };
    }
    return this.#prefix.path + name;
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

function patternMatcher(pattern: string, caseSensitive: boolean): (directory: string, name: string) => boolean {
  const matches = compileGlob(pattern, caseSensitive);
  const { byName } = matches;
  return byName ? (_directory, name) => byName(name) : (directory, name) => matches(joinPath(directory, name));
}

function queryMatcher(query: string): (directory: string, name: string) => boolean {
  if (/[*?[{]/.test(query)) {
    const matches = compileGlob(query, false);
    return (_directory, name) => matches(name);
  }
  const wanted = query.toLowerCase();
  return (_directory, name) => name.toLowerCase().includes(wanted);
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
