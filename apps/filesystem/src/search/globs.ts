import picomatch from "picomatch";
import { anyCharacter, anyText, expandBraces, folded, invalidGlob, type NameToken, parseName } from "./glob-syntax.ts";

/** True for paths, relative and with `/` between names, that a glob stands for. */
export type GlobMatcher = (path: string) => boolean;

type NameMatcher = (name: string) => boolean;

/** A name, or with `undefined` any number of names. */
type Step = NameMatcher | undefined;

/** In globs that only a backtracking matcher understands. */
const maxStarsWhenBacktracking = 3;

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
  if (/(?<!\\)[*+!@?]\(/.test(glob)) return compileBacktracking(glob, caseSensitive);
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
  if (steps.length === 2 && first === undefined && second)
    return (path) => second(path.slice(path.lastIndexOf("/") + 1));
  return (path) => matchSteps(steps, path.split("/"));
}

function matchSteps(steps: readonly Step[], names: readonly string[]): boolean {
  return matchWithStars(steps.length, names.length, {
    isStar: (step) => steps[step] === undefined,
    fits: (step, name) => steps[step]?.(names[name] ?? "") ?? false,
  });
}

function compileName(glob: string, caseSensitive: boolean): NameMatcher {
  const tokens = parseName(glob, caseSensitive);
  const literal = tokens.filter((token) => typeof token === "string").join("");
  const isLiteral = (from: number, to: number): boolean =>
    tokens.slice(from, to).every((token) => typeof token === "string");
  if (isLiteral(0, tokens.length)) return (name) => folded(name, caseSensitive) === literal;
  if (tokens[0] === anyText && isLiteral(1, tokens.length))
    return (name) => folded(name, caseSensitive).endsWith(literal);
  return (name) => matchTokens(tokens, charactersOf(folded(name, caseSensitive)));
}

/** What can be indexed by character: the text itself unless some of them take two units. */
function charactersOf(name: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(name) ? Array.from(name) : name;
}

function matchTokens(tokens: readonly NameToken[], name: string | readonly string[]): boolean {
  return matchWithStars(tokens.length, name.length, {
    isStar: (token) => tokens[token] === anyText,
    fits: (token, at) => fitsToken(tokens[token], name[at] ?? ""),
  });
}

function fitsToken(token: NameToken | undefined, character: string): boolean {
  if (token instanceof RegExp) return token.test(character);
  return token === anyCharacter || token === character;
}

/**
 * Matches a pattern with stars without backtracking further than to the last star, which is always enough: what an
 * earlier star could take more of, the last one can take as well.
 */
function matchWithStars(
  patternLength: number,
  textLength: number,
  { isStar, fits }: { isStar: (pattern: number) => boolean; fits: (pattern: number, text: number) => boolean },
): boolean {
  let pattern = 0;
  let text = 0;
  let star = -1;
  let resume = 0;
  while (text < textLength) {
    if (pattern < patternLength && isStar(pattern)) {
      star = pattern;
      resume = text;
      pattern += 1;
    } else if (pattern < patternLength && fits(pattern, text)) {
      pattern += 1;
      text += 1;
    } else if (star !== -1) {
      resume += 1;
      pattern = star + 1;
      text = resume;
    } else return false;
  }
  while (pattern < patternLength && isStar(pattern)) pattern += 1;
  return pattern === patternLength;
}

/** Lists of alternatives that repeat or negate need a regular expression, so they may hold few stars. */
function compileBacktracking(glob: string, caseSensitive: boolean): GlobMatcher {
  if (glob.split(/[*+]/).length - 1 > maxStarsWhenBacktracking) {
    throw invalidGlob(`combines !( +( or *( with more than ${maxStarsWhenBacktracking} stars`);
  }
  try {
    const flags = caseSensitive ? "s" : "is";
    const matches = picomatch(glob, { dot: true, nonegate: true, flags, nocase: !caseSensitive });
    return (path) => matches(path);
  } catch {
    throw invalidGlob("cannot be read");
  }
}
