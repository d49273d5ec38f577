import picomatch from "picomatch";
import { refusal } from "../safe-fs/refusal.ts";

/** True for paths, or names, that a glob stands for. */
export type GlobMatcher = (path: string) => boolean;

/**
 * Compiles a glob: `*` and `?` stay inside a name, `**` crosses names, dot files count.
 *
 * @throws {FailureError} `INVALID_PATTERN`.
 */
export function compileGlob(glob: string, caseSensitive = true): GlobMatcher {
  try {
    const options = { dot: true, nonegate: true, flags: caseSensitive ? "s" : "is", nocase: !caseSensitive };
    const matches = picomatch(glob, options);
    return (path) => matches(path);
  } catch {
    throw refusal("INVALID_PATTERN", "A glob cannot be read.", "Check its brackets and braces.");
  }
}

/** Compiles patterns of what to leave out: one without `*` also stands for that name, and all below it, at any depth. */
export function compileExclusions(globs: readonly string[]): GlobMatcher {
  const all = globs.flatMap((glob) => (glob.includes("*") ? [glob] : [glob, `**/${glob}`, `**/${glob}/**`]));
  const matchers = all.map((glob) => compileGlob(glob));
  return (path) => matchers.some((matches) => matches(path));
}
