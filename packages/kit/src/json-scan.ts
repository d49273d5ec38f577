/** What a JSON text may cost before it is parsed. */
export interface JsonScanLimits {
  /**
   * Nesting of objects and arrays; `{}` has depth 1.
   *
   * @default 64
   */
  readonly depth?: number;
  /**
   * Structural tokens, that is `{ } [ ] , :` outside of strings.
   *
   * @default 100_000
   */
  readonly tokens?: number;
}

/** Why a text is not worth parsing, or `ok`. */
export type JsonScanResult = "ok" | "too-deep" | "too-many-tokens";

const plain = 0;
const open = 1;
const close = 2;
const separator = 3;
const quote = 0x22;
const backslash = 0x5c;
/** Strings longer than this are left to the native search, which costs more to call and less per byte. */
const nativeSearchAfter = 48;

const kinds = new Uint8Array(256);
for (const character of "{[") kinds[character.charCodeAt(0)] = open;
for (const character of "}]") kinds[character.charCodeAt(0)] = close;
for (const character of ",:") kinds[character.charCodeAt(0)] = separator;
kinds[quote] = 4;

/**
 * Bounds depth and size of a JSON text in one pass over its bytes, before `JSON.parse` builds anything.
 *
 * Text that is not JSON may pass: the parser refuses it, in linear time. For a text that is JSON the answer is exact.
 *
 * @param bytes UTF-8; only ASCII bytes matter, so that no decoding is needed.
 */
export function scanJson(bytes: Uint8Array, limits: JsonScanLimits = {}): JsonScanResult {
  const maxDepth = limits.depth ?? 64;
  const maxTokens = limits.tokens ?? 100_000;
  const end = bytes.length;
  let depth = 0;
  let tokens = 0;
  let at = 0;
  while (at < end) {
    // `at` is below the length and every byte has a kind, so neither fallback is ever used.
    const kind = kinds[bytes[at] ?? 0] ?? plain;
    at += 1;
    if (kind === plain) continue;
    if (kind > separator) {
      at = afterString(bytes, at, end);
      continue;
    }
    tokens += 1;
    if (tokens > maxTokens) return "too-many-tokens";
    if (kind === open) {
      depth += 1;
      if (depth > maxDepth) return "too-deep";
    } else if (kind === close) depth -= 1;
  }
  return "ok";
}

/** The position after the closing quote of a string that began before `start`, or `end` when there is none. */
export function afterString(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const near = Math.min(end, at + nativeSearchAfter);
    while (at < near) {
      const byte = bytes[at];
      at += 1;
      if (byte === quote) return at;
      if (byte === backslash) at += 1;
    }
    const found = at < end ? bytes.indexOf(quote, at) : -1;
    if (found === -1) return end;
    // Looks back no further than where the search began, so that a run of backslashes is read once.
    let first = found;
    while (first > at && bytes[first - 1] === backslash) first -= 1;
    at = found + 1;
    if ((found - first) % 2 === 0) return at;
  }
  return end;
}
