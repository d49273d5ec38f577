import type { FailureError } from "@bothways/kit";
import { refusal } from "../safe-fs/refusal.ts";

// What ripgrep's regex engine means by these; in JavaScript they are ASCII only or do not exist.
const wordSet = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
const digitSet = "\\p{Nd}";
const spaceSet = "\\p{White_Space}";
/** Stand for bytes that are no UTF-8; nothing but those bytes themselves may match them. */
const noText = "\\u{D800}-\\u{DFFF}";

/** A character that can be part of a word, for JavaScript. */
export const wordCharacter = `[${wordSet}]`;
/** Any character but a line end, for JavaScript. */
export const anyInLine = `[^\\n\\r${noText}]`;

const sets: Readonly<Record<string, string>> = { d: digitSet, w: wordSet, s: spaceSet };
const controls: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b, a: 0x07 };

/** Properties that both engines know by the same name. */
const properties: ReadonlySet<string> = new Set(
  (
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co Cn " +
    "Letter Mark Number Punctuation Symbol Separator Alphabetic Uppercase Lowercase White_Space"
  ).split(" "),
);
const scripts: ReadonlySet<string> = new Set(
  "Arabic Armenian Bengali Cyrillic Devanagari Georgian Greek Han Hangul Hebrew Hiragana Katakana Latin Thai".split(
    " ",
  ),
);

/** The answer to a pattern outside the common subset; `why` continues "The regular expression". */
export function invalidRegex(why: string): FailureError {
  return refusal(
    "INVALID_PATTERN",
    `The regular expression ${why}.`,
    "Use the syntax that Rust and JavaScript share, or regex false to look for the text as it is.",
  );
}

export function lineEndInPattern(): FailureError {
  return refusal(
    "INVALID_PATTERN",
    "The pattern has a line end in it.",
    "Set multiline to true to match across lines.",
  );
}

/** A character, written so that it is never special. */
export function exactly(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

/** A character or a set of characters; `codePoint` when it is a single one. */
interface Item {
  readonly set: string;
  readonly codePoint: number | undefined;
}

/** Reads what stands for one character: literals, escapes and sets in brackets. */
export class CharacterReader {
  readonly #characters: readonly string[];
  readonly #multiline: boolean;
  at = 0;

  constructor(pattern: string, multiline: boolean) {
    if (!pattern.isWellFormed()) throw invalidRegex("holds half of a character");
    this.#characters = Array.from(pattern);
    this.#multiline = multiline;
  }

  get next(): string | undefined {
    return this.#characters[this.at];
  }

  /** The pattern from here on, as far as any single construct can reach. */
  get rest(): string {
    return this.#characters.slice(this.at, this.at + 80).join("");
  }

  /** Reads a literal character. */
  literal(): string {
    const codePoint = this.next?.codePointAt(0) ?? 0;
    this.at += 1;
    return this.#single(codePoint).set;
  }

  /** Reads an escape outside of brackets; not that of a word boundary. */
  escape(): string {
    const { set } = this.#escape();
    return `[${set}]`;
  }

  /** Reads a set in brackets. */
  brackets(): string {
    this.at += 1;
    const negated = this.next === "^";
    if (negated) this.at += 1;
    const items: string[] = [];
    // A bracket that comes first is one of the characters.
    while (items.length === 0 || this.next !== "]") {
      if (this.next === undefined) throw invalidRegex("leaves brackets open");
      items.push(this.#range());
    }
    this.at += 1;
    return negated ? this.#not(items.join("")) : `[${items.join("")}]`;
  }

  #range(): string {
    const first = this.#item();
    const isRange = this.next === "-" && this.#characters[this.at + 1] !== "]";
    if (!isRange) return first.set;
    this.at += 1;
    const last = this.#item();
    if (first.codePoint === undefined || last.codePoint === undefined || first.codePoint > last.codePoint) {
      throw invalidRegex("has a range in brackets without a start before its end");
    }
    return `${exactly(first.codePoint)}-${exactly(last.codePoint)}`;
  }

  #item(): Item {
    const character = this.next ?? "";
    const twice = character === this.#characters[this.at + 1];
    if (character === "[" || (twice && "&-~".includes(character))) {
      throw invalidRegex("nests or combines sets in brackets, which not all engines do alike");
    }
    if (character === "\\") return this.#escape();
    this.at += 1;
    return this.#single(character.codePointAt(0) ?? 0);
  }

  #escape(): Item {
    const letter = this.#characters[this.at + 1];
    if (letter === undefined) throw invalidRegex("ends with a backslash");
    const lower = letter.toLowerCase();
    if ("dws".includes(lower)) return this.#shorthand(lower, letter !== lower);
    if (lower === "p") return this.#property(letter === "P");
    if (letter === "x" || letter === "u") return this.#hexadecimal();
    if (/[1-9k]/.test(letter)) throw invalidRegex("has a back-reference, which not all engines have");
    const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined;
    if (control === undefined && !/[!-/:;=?@[-`{-~]/.test(letter)) {
      throw invalidRegex("has an escape that not all engines have");
    }
    this.at += 2;
    return this.#single(control ?? letter.codePointAt(0) ?? 0);
  }

  #shorthand(letter: string, negated: boolean): Item {
    this.at += 2;
    const set = sets[letter] ?? "";
    const inLine = letter === "s" && !this.#multiline ? `[${set}--[\\r\\n]]` : set;
    return { set: negated ? this.#not(set) : inLine, codePoint: undefined };
  }

  #property(negated: boolean): Item {
    const [all, short, long] = /^\\[pP](?:([A-Z])|\{([A-Za-z_]+)\})/.exec(this.rest) ?? [];
    const name = short ?? long ?? "";
    const known = properties.has(name) ? name : scripts.has(name) ? `Script=${name}` : undefined;
    if (all === undefined || known === undefined) throw invalidRegex("names a property that not all engines have");
    this.at += all.length;
    return { set: negated ? this.#not(`\\p{${known}}`) : `\\p{${known}}`, codePoint: undefined };
  }

  #hexadecimal(): Item {
    const [all, two, four, any] =
      /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|[xu]\{([0-9A-Fa-f]{1,6})\})/.exec(this.rest) ?? [];
    const codePoint = Number.parseInt(two ?? four ?? any ?? "", 16);
    const isCharacter = codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
    if (all === undefined || !isCharacter) throw invalidRegex("has a hexadecimal escape that names no character");
    this.at += all.length;
    return this.#single(codePoint);
  }

  #single(codePoint: number): Item {
    if (!this.#multiline && (codePoint === 0x0a || codePoint === 0x0d)) throw lineEndInPattern();
    return { set: exactly(codePoint), codePoint };
  }

  /** Everything else; line ends only where they may be matched. */
  #not(set: string): string {
    return `[^${set}${noText}${this.#multiline ? "" : "\\r\\n"}]`;
  }
}
