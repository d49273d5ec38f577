import { anyCharacter, anyText, folded, type NameGroup, type NameToken, parseName } from "./glob-syntax.ts";

/** True for names that a part of a glob between slashes stands for. */
export type NameMatcher = (name: string) => boolean;

/** @throws {FailureError} `INVALID_PATTERN`. */
export function compileName(glob: string, caseSensitive: boolean): NameMatcher {
  const tokens = parseName(glob, caseSensitive);
  const literal = tokens.filter((token) => typeof token === "string").join("");
  const isLiteral = (from: number): boolean => tokens.slice(from).every((token) => typeof token === "string");
  if (isLiteral(0)) return (name) => folded(name, caseSensitive) === literal;
  if (tokens[0] === anyText && isLiteral(1)) {
    return caseSensitive ? (name) => name.endsWith(literal) : (name) => name.toLowerCase().endsWith(literal);
  }
  if (tokens.some(isGroup)) return (name) => new GroupMatch(charactersOf(folded(name, caseSensitive))).matches(tokens);
  return (name) => matchTokens(tokens, charactersOf(folded(name, caseSensitive)));
}

type Characters = string | readonly string[];

/** What can be indexed by character: the text itself unless some of them take two units. */
function charactersOf(name: string): Characters {
  return /[\ud800-\udfff]/.test(name) ? Array.from(name) : name;
}

function matchTokens(tokens: readonly NameToken[], name: Characters): boolean {
  return matchWithStars(tokens.length, name.length, {
    isStar: (token) => tokens[token] === anyText,
    fits: (token, at) => fitsCharacter(tokens[token], name[at] ?? ""),
  });
}

function fitsCharacter(token: NameToken | undefined, character: string): boolean {
  if (token instanceof RegExp) return token.test(character);
  return token === anyCharacter || token === character;
}

function isGroup(token: NameToken): token is NameGroup {
  return typeof token === "object" && !(token instanceof RegExp);
}

/**
 * Matches a pattern with stars without backtracking further than to the last star, which is always enough: what an
 * earlier star could take more of, the last one can take as well.
 */
export function matchWithStars(
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

/** Places in a name, as the bits of a number. */
type Places = bigint;

/** Matches groups by following all possibilities at once, so that none is tried twice. */
class GroupMatch {
  readonly #name: Characters;
  readonly #all: Places;
  /** Where each token that stands for one character fits. */
  readonly #fits = new Map<NameToken, Places>();

  constructor(name: Characters) {
    this.#name = name;
    this.#all = (1n << BigInt(name.length + 1)) - 1n;
  }

  matches(tokens: readonly NameToken[]): boolean {
    return this.#follow(tokens, 1n) >> BigInt(this.#name.length) === 1n;
  }

  /** Where tokens can end that begin at any of some places. */
  #follow(tokens: readonly NameToken[], starts: Places): Places {
    let places = starts;
    for (const token of tokens) {
      if (places === 0n) return 0n;
      if (token === anyText) places = this.#from(places);
      else places = isGroup(token) ? this.#group(token, places) : ((places & this.#fitting(token)) << 1n) & this.#all;
    }
    return places;
  }

  #group({ kind, alternatives }: NameGroup, starts: Places): Places {
    const once = (places: Places): Places =>
      alternatives.reduce((ends, tokens) => ends | this.#follow(tokens, places), 0n);
    if (kind === "!") return this.#anythingBut(once, starts);
    let ends = once(starts);
    if (kind === "*" || kind === "+") {
      for (let before = 0n; before !== ends; ) {
        before = ends;
        ends |= once(ends);
      }
    }
    return kind === "*" || kind === "?" ? ends | starts : ends;
  }

  /** What may not be there depends on where it would begin, so each place is looked at by itself. */
  #anythingBut(once: (places: Places) => Places, starts: Places): Places {
    let ends = 0n;
    for (let place = 1n; place <= starts; place <<= 1n) {
      if ((starts & place) !== 0n) ends |= this.#from(place) & ~once(place);
    }
    return ends;
  }

  /** All places from the first one on. */
  #from(places: Places): Places {
    return this.#all & ~((places & -places) - 1n);
  }

  #fitting(token: NameToken): Places {
    let places = this.#fits.get(token);
    if (places === undefined) {
      places = 0n;
      for (let at = this.#name.length - 1; at >= 0; at -= 1) {
        places = (places << 1n) | (fitsCharacter(token, this.#name[at] ?? "") ? 1n : 0n);
      }
      this.#fits.set(token, places);
    }
    return places;
  }
}
