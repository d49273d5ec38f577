import { crc32 } from "node:zlib";
import { decodeCursor, encodeCursor, invalidCursor } from "../text/cursor.ts";
import { wordCharacter } from "./regex-characters.ts";
import { literalRegex, parseRegex } from "./regex-subset.ts";

/** What `search_files_content` is asked for. */
export interface ContentSearchRequest {
  /** As the caller gave it. */
  readonly path: string;
  readonly pattern: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
  readonly wholeWord: boolean;
  readonly multiline: boolean;
  readonly include: readonly string[];
  readonly excludePatterns: readonly string[];
  readonly respectGitignore: boolean;
  readonly includeHidden: boolean;
  readonly contextLines: number;
  readonly outputMode: "matches" | "files" | "count";
  readonly maxResults: number;
  readonly maxMatchesPerFile: number;
  readonly maxFileBytes: number;
  readonly cursor?: string | undefined;
}

/** A request in terms of both engines. */
export interface ContentQuery extends ContentSearchRequest {
  /** Bytes to look for, where nothing but these bytes matches. */
  readonly literal: Buffer | undefined;
  /** For ripgrep; takes the rest of the line along, so that a line is one match however often it matches. */
  readonly rust: string;
  /** For JavaScript with the flags `gv`. */
  readonly javascript: string;
  readonly ignoreCase: boolean;
  /** Where the page before ended. */
  readonly after: ContentPlace | undefined;
}

/** A place in the order of results. */
export interface ContentPlace {
  /** Relative to where the search begins, names joined by `/`. */
  readonly path: string;
  /** From 1; infinite when nothing of the file is left. */
  readonly line: number;
}

const kind = "search_files_content";

/** @throws {FailureError} `INVALID_PATTERN`, `INVALID_INPUT` for a cursor of another search. */
export function compileContentQuery(request: ContentSearchRequest): ContentQuery {
  const { pattern, regex, multiline, wholeWord, caseSensitive, cursor } = request;
  const common = regex ? parseRegex(pattern, multiline) : literalRegex(pattern, multiline);
  const ignoreCase = !caseSensitive || common.ignoreCase;
  const [rust, javascript] = wholeWord
    ? [
        `\\b{start-half}(?:${common.rust})\\b{end-half}`,
        `(?<!${wordCharacter})(?:${common.javascript})(?!${wordCharacter})`,
      ]
    : [`(?:${common.rust})`, `(?:${common.javascript})`];
  return {
    ...request,
    literal: regex || ignoreCase || wholeWord ? undefined : Buffer.from(pattern),
    rust: `${rust}.*`,
    javascript,
    ignoreCase,
    after: cursor === undefined ? undefined : decodeContentCursor(request, cursor),
  };
}

/** The cursor that continues behind a place. */
export function contentCursor(request: ContentSearchRequest, { path, line }: ContentPlace): string {
  return encodeCursor(kind, [identityOf(request), path, Number.isFinite(line) ? line : null]);
}

function decodeContentCursor(request: ContentSearchRequest, cursor: string): ContentPlace {
  const [identity, path, line, ...more] = decodeCursor(kind, cursor);
  if (typeof path !== "string" || (line !== null && !Number.isSafeInteger(line)) || more.length > 0) {
    throw invalidCursor("is damaged");
  }
  if (identity !== identityOf(request)) throw invalidCursor("belongs to a search with other arguments");
  return { path, line: line === null ? Number.POSITIVE_INFINITY : Number(line) };
}

/** Tells searches apart whose results differ; how much of them a page shows may change from page to page. */
function identityOf(request: ContentSearchRequest): number {
  const { path, pattern, regex, caseSensitive, wholeWord, multiline, include, excludePatterns } = request;
  const { respectGitignore, includeHidden, outputMode, maxMatchesPerFile, maxFileBytes } = request;
  const what = [path, pattern, regex, caseSensitive, wholeWord, multiline, include, excludePatterns];
  return crc32(JSON.stringify([...what, respectGitignore, includeHidden, outputMode, maxMatchesPerFile, maxFileBytes]));
}
