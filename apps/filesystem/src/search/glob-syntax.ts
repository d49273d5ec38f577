import { refusal } from "../safe-fs/refusal.ts";

const maxLength = 1024;
const maxExpansions = 128;
const maxGlobstars = 8;
const maxGroupDepth = 2;
const groupKinds = ["?", "*", "+", "@", "!"] as const;

/** One step of matching a name: a character, any character, any characters, one of a class, or a group. */
export type NameToken = string | typeof anyCharacter | typeof anyText | RegExp | NameGroup;

/** Alternatives that may repeat, or, with `!`, anything but them. */
export interface NameGroup {
  readonly kind: "?" | "*" | "+" | "@" | "!";
  readonly alternatives: readonly (readonly NameToken[])[];
}

export const anyCharacter: unique symbol = Symbol("?");
export const anyText: unique symbol = Symbol("*");

/**
 * Checks a glob against the limits and writes its braces out.
 *
 * @returns The globs without braces that together mean the same.
 * @throws {FailureError} `INVALID_PATTERN`.
 */
export function expandBraces(glob: string): string[] {
  if (glob.length > maxLength) throw invalidGlob(`is longer than ${maxLength} characters`);
  if (glob.split("**").length - 1 > maxGlobstars) throw invalidGlob(`has more than ${maxGlobstars} times **`);
  const pending = [glob];
  const done: string[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const brace = firstBrace(next);
    if (!brace) done.push(next);
    else {
      const { start, end, parts } = brace;
      const [head, tail] = [next.slice(0, start), next.slice(end)];
      for (const part of parts.toReversed()) pending.push(head + part + tail);
    }
    if (pending.length + done.length > maxExpansions) throw invalidGlob(`stands for more than ${maxExpansions} globs`);
  }
  return done;
}

/** The answer to a glob that cannot be used; `why` continues "A glob". */
function invalidGlob(why: string): Error {
  return refusal("INVALID_PATTERN", `A glob ${why}.`, "Use a simpler glob, or several calls.");
}

interface Brace {
  readonly start: number;
  readonly end: number;
  readonly parts: readonly string[];
}

/** Finds the first brace that stands for several texts; others are literal. */
function firstBrace(glob: string): Brace | undefined {
  for (let start = 0; start < glob.length; start += 1) {
    if (glob[start] === "\\") start += 1;
    else if (glob[start] === "[") start = endOfClass(glob, start) - 1;
    else if (glob[start] === "{") {
      const brace = braceAt(glob, start);
      if (brace) return brace;
    }
  }
  return undefined;
}

function braceAt(glob: string, start: number): Brace | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let at = start; at < glob.length; at += 1) {
    const character = glob[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "," && depth === 1) commas.push(at);
    else if (character === "}") depth -= 1;
    if (depth > 0) continue;
    const inner = glob.slice(start + 1, at);
    const cuts = [start, ...commas, at];
    const listed = cuts.slice(1).map((cut, index) => glob.slice((cuts[index] ?? start) + 1, cut));
    const parts = commas.length > 0 ? listed : sequence(inner);
    return parts && { start, end: at + 1, parts };
  }
  return undefined;
}

/** `1..5` and `a..e`. */
function sequence(inner: string): string[] | undefined {
  const [, from, to] = /^(-?\d{1,6}|[A-Za-z])\.\.(-?\d{1,6}|[A-Za-z])$/.exec(inner) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const letters = /[A-Za-z]/.test(from) && /[A-Za-z]/.test(to);
  if (!letters && /[A-Za-z]/.test(from + to)) return undefined;
  const [first, last] = letters ? [from.charCodeAt(0), to.charCodeAt(0)] : [Number(from), Number(to)];
  const count = Math.abs(last - first) + 1;
  if (count > maxExpansions) throw invalidGlob(`stands for more than ${maxExpansions} globs`);
  const step = first <= last ? 1 : -1;
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * step;
    return letters ? String.fromCharCode(value) : `${value}`;
  });
}

/** Reads a glob for one name. @throws {FailureError} `INVALID_PATTERN`. */
export function parseName(glob: string, caseSensitive: boolean, depth = 0): NameToken[] {
  if (depth > maxGroupDepth) throw invalidGlob("nests groups too deeply");
  const tokens: NameToken[] = [];
  for (let at = 0; at < glob.length; ) {
    const character = String.fromCodePoint(glob.codePointAt(at) ?? 0);
    const group = groupAt(glob, at);
    const end = character === "[" ? endOfClass(glob, at) : at + 1;
    if (group) {
      const alternatives = group.parts.map((part) => parseName(part, caseSensitive, depth + 1));
      tokens.push({ kind: group.kind, alternatives });
      at = group.end;
    } else if (character === "*" || character === "?") {
      const token = character === "*" ? anyText : anyCharacter;
      if (token === anyCharacter || tokens.at(-1) !== anyText) tokens.push(token);
      at += 1;
    } else if (end > at + 1) {
      tokens.push(classMatcher(glob.slice(at + 1, end - 1), caseSensitive));
      at = end;
    } else {
      const escaped = character === "\\" && at + 1 < glob.length;
      const literal = escaped ? String.fromCodePoint(glob.codePointAt(at + 1) ?? 0) : character;
      tokens.push(...Array.from(folded(literal, caseSensitive)));
      at += literal.length + (escaped ? 1 : 0);
    }
  }
  return tokens;
}

/** The group that begins at a place, such as `+(a|b)`; none when it is not closed. */
function groupAt(
  glob: string,
  start: number,
): { kind: NameGroup["kind"]; parts: readonly string[]; end: number } | undefined {
  const kind = groupKinds.find((one) => glob.startsWith(`${one}(`, start));
  if (kind === undefined) return undefined;
  const cuts = [start + 1];
  let depth = 0;
  for (let at = start + 1; at < glob.length; at += 1) {
    const character = glob[at];
    if (character === "\\") at += 1;
    else if (character === "[") at = endOfClass(glob, at) - 1;
    else if (character === "(") depth += 1;
    else if (character === "|" && depth === 1) cuts.push(at);
    else if (character === ")") depth -= 1;
    if (depth > 0) continue;
    const parts = cuts.map((cut, index) => glob.slice(cut + 1, cuts[index + 1] ?? at));
    return { kind, parts, end: at + 1 };
  }
  return undefined;
}

/** Makes names comparable where case does not count. */
export function folded(text: string, caseSensitive: boolean): string {
  return caseSensitive ? text : text.toLowerCase();
}

/** Behind the `]` of a class that begins at `start`; the place behind `[` when it is not closed. */
function endOfClass(glob: string, start: number): number {
  let at = start + 1;
  if (glob[at] === "!" || glob[at] === "^") at += 1;
  // A bracket that comes first is one of the characters.
  if (glob[at] === "]") at += 1;
  for (; at < glob.length && glob[at] !== "/"; at += 1) {
    if (glob[at] === "\\") at += 1;
    else if (glob.startsWith("[:", at)) at = Math.max(at, glob.indexOf(":]", at) + 1);
    else if (glob[at] === "]") return at + 1;
  }
  return start + 1;
}

const namedClasses: Readonly<Record<string, string>> = {
  alpha: "\\p{L}",
  digit: "0-9",
  alnum: "\\p{L}\\p{Nd}",
  upper: "\\p{Lu}",
  lower: "\\p{Ll}",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`\\{-~",
  xdigit: "0-9A-Fa-f",
  word: "\\w",
};

function classMatcher(inner: string, caseSensitive: boolean): RegExp {
  const negated = /^[!^]/.test(inner);
  const body = (negated ? inner.slice(1) : inner)
    .replace(/\[:([a-z]+):\]|\\(.)|([[\]^{}()|/\\&~!#$%*+,.:;<=>?@`])/gsu, (all, name, escaped, special) => {
      if (typeof name === "string") return namedClasses[name] ?? all;
      return escapedCharacter(String(escaped ?? special));
    })
    // A dash at either end is one of the characters.
    .replace(/^-|-$/g, "\\-");
  try {
    return new RegExp(`^[${negated ? "^" : ""}${body}]$`, caseSensitive ? "u" : "iu");
  } catch {
    throw invalidGlob("has a class in brackets that cannot be read");
  }
}

function escapedCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
