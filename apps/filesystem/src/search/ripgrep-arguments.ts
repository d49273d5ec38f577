import type { ContentQuery } from "./content-query.ts";

/** Globs of these characters mean to ripgrep what they mean to us; others it is not told about. */
const plainGlob = /^[\w.\-*/ ]+$/;

/**
 * Tells ripgrep what to look for, and what it need not look into. What it looks into beyond that is sorted out
 * afterwards, so everything here but the pattern only saves work.
 *
 * @param hitLimit Most lines of one file.
 */
export function ripgrepArguments(query: ContentQuery, hitLimit: number): string[] {
  const { rust, ignoreCase, respectGitignore, includeHidden, maxFileBytes, include, excludePatterns } = query;
  return [
    ignoreCase ? "--ignore-case" : "--case-sensitive",
    ...(respectGitignore ? [] : ["--no-ignore"]),
    ...(includeHidden ? ["--hidden"] : []),
    ...(includeHidden && respectGitignore ? ["--glob=!.git"] : []),
    ...(Number.isFinite(hitLimit) ? [`--max-count=${hitLimit}`] : []),
    `--max-filesize=${maxFileBytes}`,
    ...typesFor(include),
    ...excludePatterns.filter((glob) => plainGlob.test(glob)).map((glob) => `--glob=!${glob}`),
    "-e",
    rust,
  ];
}

/** `--glob` would also bring back what ignore files leave out; types do not, but know names only. */
function typesFor(include: readonly string[]): string[] {
  const names = include.map((glob) => glob.replace(/^\*\*\//, ""));
  if (names.length === 0 || !names.every((name) => plainGlob.test(name) && !name.includes("/"))) return [];
  return [...names.map((name) => `--type-add=wanted:${name}`), "--type=wanted"];
}
