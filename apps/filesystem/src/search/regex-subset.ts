import { exactly, invalidRegex, lineEndInPattern } from "./regex-characters.ts";
import { RegexReader } from "./regex-reader.ts";

/** A pattern that both engines understand alike. */
export interface CommonRegex {
  /** For ripgrep. */
  readonly rust: string;
  /** For JavaScript with the flag `v`. */
  readonly javascript: string;
  /** Whether the pattern itself asks to ignore case. */
  readonly ignoreCase: boolean;
}

/**
 * Reads a regular expression of the common subset of ripgrep's and JavaScript's syntax.
 *
 * @param multiline Whether line ends may be matched.
 * @throws {FailureError} `INVALID_PATTERN`, so that no result depends on which engine answers.
 */
export function parseRegex(pattern: string, multiline: boolean): CommonRegex {
  const ignoreCase = pattern.startsWith("(?i)");
  const rust = ignoreCase ? pattern.slice("(?i)".length) : pattern;
  const javascript = new RegexReader(rust, multiline).read();
  if (!isReadable(javascript)) throw invalidRegex("cannot be read");
  return { rust: withoutNul(rust), javascript, ignoreCase };
}

function isReadable(javascript: string): boolean {
  try {
    return new RegExp(javascript, "v").source !== "";
  } catch {
    // The constructor has no other way to say so.
    return false;
  }
}

/**
 * The same text as a pattern: nothing in it is special.
 *
 * @throws {FailureError} `INVALID_PATTERN` for line ends that may not be matched.
 */
export function literalRegex(text: string, multiline: boolean): CommonRegex {
  if (!text.isWellFormed()) throw invalidRegex("holds half of a character");
  if (!multiline && /[\r\n]/.test(text)) throw lineEndInPattern();
  const rust = withoutNul(text.replace(/[\\.+*?()|[\]{}^$#&~-]/g, "\\$&"));
  const javascript = Array.from(text, (character) => exactly(character.codePointAt(0) ?? 0)).join("");
  return { rust, javascript, ignoreCase: false };
}

/** Arguments of programs end at a NUL. */
function withoutNul(pattern: string): string {
  return pattern.replaceAll("\0", "\\x00");
}
