import { compareNames } from "../safe-fs/directory.ts";
import type { EntryType, Located } from "../safe-fs/located.ts";
import { pathBelow } from "../safe-fs/located.ts";
import type { Scope } from "../safe-fs/scope.ts";
import { joinPath, walkTree } from "../safe-fs/tree.ts";
import { decodeCursor, encodeCursor, invalidCursor } from "../text/cursor.ts";
import type { Pacer } from "../text/pacer.ts";
import { compileGlob } from "./globs.ts";

/** What `search_files` is asked for. */
export interface NameSearchRequest {
  readonly pattern?: string | undefined;
  readonly query?: string | undefined;
  readonly excludePatterns: readonly string[];
  readonly type?: EntryType | undefined;
  readonly caseSensitive: boolean;
  readonly maxDepth?: number | undefined;
  readonly maxResults: number;
  readonly cursor?: string | undefined;
}

/** A request whose globs are compiled. */
export interface NameSearch {
  readonly matches: (path: string, name: string) => boolean;
  readonly isExcluded: (path: string) => boolean;
  readonly type: EntryType | undefined;
  readonly maxDepth: number;
  readonly maxResults: number;
  /** Last path of the page before. */
  readonly after: string | undefined;
}

/** What was found. */
export interface NameSearchResult {
  readonly matches: { readonly path: string; readonly type: EntryType }[];
  readonly truncated: boolean;
  readonly stoppedReason?: "maxResults" | "timeout" | "bytes";
  readonly nextCursor?: string;
}

const kind = "search_files";

export function compileNameSearch(request: NameSearchRequest): NameSearch {
  const { pattern, query = "", excludePatterns, caseSensitive, cursor } = request;
  const excluded = excludePatterns.map((glob) => compileGlob(glob, caseSensitive));
  const [after] = cursor === undefined ? [] : decodeCursor(kind, cursor);
  if (cursor !== undefined && typeof after !== "string") throw invalidCursor("is damaged");
  return {
    matches: pattern === undefined ? queryMatcher(query) : compileGlob(pattern, caseSensitive),
    isExcluded: (path) => excluded.some((matches) => matches(path)),
    type: request.type,
    maxDepth: request.maxDepth ?? Number.POSITIVE_INFINITY,
    maxResults: request.maxResults,
    after: typeof after === "string" ? after : undefined,
  };
}

/** Finds names below a directory, each directory before what it holds, names in byte order. */
export async function findNames(
  scope: Scope,
  start: Located,
  search: NameSearch,
  pacer: Pacer,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): Promise<NameSearchResult> {
  const matches: NameSearchResult["matches"] = [];
  const deadline = performance.now() + limits.timeoutMs;
  let stoppedReason: NameSearchResult["stoppedReason"];
  let last: string | undefined;
  let bytes = 0;
  const finished = await walkTree(
    scope,
    start,
    {
      entry(name, type, directory) {
        const path = joinPath(directory.path, name);
        if (search.isExcluded(path)) return undefined;
        const goOn = type === "directory" && directory.depth + 1 < search.maxDepth ? "enter" : undefined;
        if (search.after !== undefined && comparePaths(path, search.after) <= 0) return goOn;
        if (!search.matches(path, name) || (search.type !== undefined && search.type !== type)) return goOn;
        const absolute = pathBelow(directory.root.path, [...directory.names, name]);
        bytes += Buffer.byteLength(absolute) + 1;
        if (matches.length >= search.maxResults) stoppedReason = "maxResults";
        else if (bytes > limits.maxBytes && matches.length > 0) stoppedReason = "bytes";
        if (stoppedReason) return "stop";
        matches.push({ path: absolute, type });
        last = path;
        return goOn;
      },
    },
    pacer,
    () => performance.now() < deadline,
  );
  if (finished) return { matches, truncated: false };
  const nextCursor = last === undefined ? undefined : encodeCursor(kind, [last]);
  return { matches, truncated: true, stoppedReason: stoppedReason ?? "timeout", ...(nextCursor && { nextCursor }) };
}

function queryMatcher(query: string): NameSearch["matches"] {
  if (/[*?[{]/.test(query)) {
    const matches = compileGlob(query, false);
    return (_path, name) => matches(name);
  }
  const wanted = query.toLowerCase();
  return (_path, name) => name.toLowerCase().includes(wanted);
}

function comparePaths(left: string, right: string): number {
  const lefts = left.split("/");
  const rights = right.split("/");
  for (const [index, name] of lefts.entries()) {
    const other = rights[index];
    if (other === undefined) return 1;
    const order = compareNames(name, other);
    if (order !== 0) return order;
  }
  return lefts.length - rights.length;
}
