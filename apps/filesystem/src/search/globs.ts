import { expandBraces } from "./glob-syntax.ts";
import { compileName, matchWithStars, type NameMatcher } from "./name-matcher.ts";

/** True for paths, relative and with `/` between names, that a glob stands for. */
export interface GlobMatcher {
  (path: string): boolean;
  /** Where the last name of a path alone decides: what asks it, so that a path need not be put together. */
  readonly byName?: (name: string) => boolean;
}

/** A name, or with `undefined` any number of names. */
type Step = NameMatcher | undefined;

/**
 * Compiles a glob: `*` and `?` stay inside a name, `**` crosses names, dot files count, a leading `!` negates.
 *
 * Matching takes time proportional to path times glob, whatever the glob: callers are not trusted to be kind.
 *
 * @throws {FailureError} `INVALID_PATTERN`.
 */
export function compileGlob(glob: string, caseSensitive = true): GlobMatcher {
  const [, bangs = "", plain = ""] = /^(!*(?!\())(.*)$/s.exec(glob) ?? [];
  if (bangs.length % 2 === 1) {
    const matches = compileGlob(plain, caseSensitive);
    return (path) => !matches(path);
  }
  const all = expandBraces(plain).map((one) => compileExpanded(one, caseSensitive));
  const [only] = all;
  return only && all.length === 1 ? only : (path) => all.some((matches) => matches(path));
}

/** Compiles a glob as ignore files read it: without `/` it stands for a name at any depth. */
export function compileNameGlob(glob: string): GlobMatcher {
  const trimmed = glob.replace(/\/+$/, "");
  return compileGlob(trimmed.includes("/") ? trimmed.replace(/^\/+/, "") : `**/${trimmed}`);
}

/** Compiles patterns of what to leave out: one without `*` also stands for that name, and all below it, at any depth. */
export function compileExclusions(globs: readonly string[]): GlobMatcher {
  const all = globs.flatMap((glob) => (glob.includes("*") ? [glob] : [glob, `**/${glob}`, `**/${glob}/**`]));
  const matchers = all.map((glob) => compileGlob(glob));
  return (path) => matchers.some((matches) => matches(path));
}

function compileExpanded(glob: string, caseSensitive: boolean): GlobMatcher {
  const names = glob.replace(/^(?:\.\/)+/, "").split("/");
  if (names.length > 1 && names.at(-1) === "") names.pop();
  const steps: Step[] = [];
  for (const name of names) {
    if (name !== "**") steps.push(compileName(name, caseSensitive));
    else if (steps.length === 0 || steps.at(-1) !== undefined) steps.push(undefined);
  }
  // What ends with ** stands for what is below, not for the directory itself.
  if (steps.length > 1 && steps.at(-1) === undefined) steps.splice(-1, 0, () => true);
  const [first, second] = steps;
  if (steps.length === 2 && first === undefined && second) {
    return Object.assign((path: string) => second(path.slice(path.lastIndexOf("/") + 1)), { byName: second });
  }
  return (path) => matchSteps(steps, path.split("/"));
}

function matchSteps(steps: readonly Step[], names: readonly string[]): boolean {
  return matchWithStars(steps.length, names.length, {
    isStar: (step) => steps[step] === undefined,
    fits: (step, name) => steps[step]?.(names[name] ?? "") ?? false,
  });
}
