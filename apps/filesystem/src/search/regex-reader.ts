import { anyInLine, CharacterReader, invalidRegex, wordCharacter } from "./regex-characters.ts";

const maxRepetitions = 1000;

// Between CR and LF neither matches; elsewhere both count as a line end of their own.
const lineStart = "(?<![^\\n\\r])(?<!\\r(?=\\n))";
const lineEnd = "(?![^\\n\\r])(?<!\\r(?=\\n))";
const boundary = `(?:(?<=${wordCharacter})(?!${wordCharacter})|(?<!${wordCharacter})(?=${wordCharacter}))`;
const noBoundary = `(?:(?<=${wordCharacter})(?=${wordCharacter})|(?<!${wordCharacter})(?!${wordCharacter}))`;

/** A piece of a pattern, in JavaScript. */
interface Part {
  readonly source: string;
  /** How often counts can repeat the innermost part of it. */
  readonly repeats: number;
  readonly repeatable: boolean;
}

/** Reads a pattern of the common subset and says the same in JavaScript. */
export class RegexReader {
  readonly #characters: CharacterReader;
  readonly #names = new Set<string>();

  constructor(pattern: string, multiline: boolean) {
    this.#characters = new CharacterReader(pattern, multiline);
  }

  read(): string {
    const { source } = this.#alternatives(0);
    if (this.#characters.next !== undefined) throw invalidRegex("closes a group that is not open");
    return source;
  }

  /** Reads up to the end or to a closing parenthesis. */
  #alternatives(depth: number): Part {
    if (depth > 100) throw invalidRegex("nests groups too deeply");
    const characters = this.#characters;
    let source = "";
    let repeats = 1;
    while (characters.next !== undefined && characters.next !== ")") {
      if (characters.next === "|") {
        characters.at += 1;
        source += "|";
        continue;
      }
      const part = this.#repeated(this.#atom(depth));
      source += part.source;
      repeats = Math.max(repeats, part.repeats);
    }
    return { source, repeats, repeatable: true };
  }

  #repeated(atom: Part): Part {
    const characters = this.#characters;
    const { next } = characters;
    if (!isRepetition(next)) return atom;
    if (!atom.repeatable) throw invalidRegex("repeats a place instead of a character");
    const { text, most } = next === "{" ? this.#count() : { text: next, most: 1 };
    characters.at += text.length;
    const lazy = characters.next === "?" ? "?" : "";
    characters.at += lazy.length;
    if (isRepetition(characters.next)) throw invalidRegex("repeats a repetition");
    const repeats = atom.repeats * most;
    if (repeats > maxRepetitions) throw invalidRegex(`repeats something more than ${maxRepetitions} times by counts`);
    return { source: `${atom.source}${text}${lazy}`, repeats, repeatable: false };
  }

  #count(): { text: string; most: number } {
    const [text, least = "", end, most = ""] = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.#characters.rest) ?? [];
    if (text === undefined) throw invalidRegex("has a { that does not begin a count");
    const upper = end === undefined || end === "," ? least : most;
    if (Number(upper) < Number(least)) throw invalidRegex("has a count whose end is before its start");
    return { text, most: Math.max(1, Number(upper)) };
  }

  #atom(depth: number): Part {
    const characters = this.#characters;
    const next = characters.next ?? "";
    if (next === "(") return this.#group(depth);
    if (next === "[") return one(characters.brackets());
    if (next === "\\") return this.#escape();
    if (isRepetition(next)) throw invalidRegex("repeats nothing");
    if (!".^$".includes(next)) return one(characters.literal());
    characters.at += 1;
    if (next === ".") return one(anyInLine);
    return { source: next === "^" ? lineStart : lineEnd, repeats: 1, repeatable: false };
  }

  #escape(): Part {
    const [all, letter] = /^\\([bB])/.exec(this.#characters.rest) ?? [];
    if (all === undefined) return one(this.#characters.escape());
    this.#characters.at += all.length;
    return { source: letter === "b" ? boundary : noBoundary, repeats: 1, repeatable: false };
  }

  #group(depth: number): Part {
    const { rest } = this.#characters;
    const [plain] = /^\((?:\?:)?(?!\?)/.exec(rest) ?? [];
    const [named, name = ""] = /^\(\?P?<([A-Za-z_][A-Za-z0-9_]{0,63})>/.exec(rest) ?? [];
    const opening = plain ?? named;
    if (opening === undefined)
      throw invalidRegex("uses look-around, flags or a kind of group that not all engines have");
    if (named !== undefined && this.#names.has(name)) throw invalidRegex("names two groups alike");
    this.#names.add(name);
    this.#characters.at += opening.length;
    const { source, repeats } = this.#alternatives(depth + 1);
    if (this.#characters.next !== ")") throw invalidRegex("leaves a group open");
    this.#characters.at += 1;
    return { source: `(?:${source})`, repeats, repeatable: true };
  }
}

function isRepetition(character: string | undefined): character is "*" | "+" | "?" | "{" {
  return character !== undefined && "*+?{".includes(character) && character !== "";
}

function one(source: string): Part {
  return { source, repeats: 1, repeatable: true };
}
