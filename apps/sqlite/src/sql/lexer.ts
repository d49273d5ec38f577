/**
 * Splits SQL as SQLite's own tokenizer does (`sqlite3GetToken` in tokenize.c), as far as the gate needs it: what is a
 * word, what is quoted, what is a comment, where a statement ends. Imports nothing.
 */

/** A piece of SQL that means something; comments and white space are left out. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "parameter" | "symbol";
  /** Exactly as written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const byteOrderMark = 0xfeff;

/** Reads all tokens; anything SQLite would call illegal becomes a `symbol`. Linear in the length. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipTrivia(sql, 0); at < sql.length; ) {
    const [kind, end] = readToken(sql, at);
    tokens.push({ kind, text: sql.slice(at, end), start: at, end });
    at = skipTrivia(sql, end);
  }
  return tokens;
}

/** The upper-case keyword of a plain word; empty for anything quoted. */
export function keywordOf(token: Token | undefined): string {
  return token?.kind === "word" ? token.text.toUpperCase() : "";
}

/** The name a token stands for, without its quotes. SQLite takes `'text'` as a name where only a name can stand. */
export function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === "word") return token.text;
  if (token?.kind !== "quoted" && token?.kind !== "string") return undefined;
  const close = token.text.charAt(0) === "[" ? "]" : token.text.charAt(0);
  const inner = token.text.slice(1, -1);
  return close === "]" ? inner : inner.replaceAll(close + close, close);
}

/** Passes over exactly what SQLite passes over between tokens. */
export function skipTrivia(sql: string, from: number): number {
  let at = from;
  while (at < sql.length) {
    const next = triviaEnd(sql, at);
    if (next === at) break;
    at = next;
  }
  return at;
}

function triviaEnd(sql: string, at: number): number {
  const code = sql.charCodeAt(at);
  // A vertical tab is no white space for SQLite.
  if (code === 32 || code === 9 || code === 10 || code === 12 || code === 13 || code === byteOrderMark) return at + 1;
  if (sql.startsWith("--", at)) {
    const end = sql.indexOf("\n", at);
    return end === -1 ? sql.length : end;
  }
  // `/*` as the last two characters is a division sign to SQLite, not an open comment.
  if (sql.startsWith("/*", at) && at + 2 < sql.length) {
    const end = sql.indexOf("*/", at + 2);
    return end === -1 ? sql.length : end + 2;
  }
  return at;
}

function readToken(sql: string, at: number): [Token["kind"], number] {
  const first = sql.charAt(at);
  switch (first) {
    case "'":
      return ["string", quotedEnd(sql, at, "'")];
    case '"':
    case "`":
      return ["quoted", quotedEnd(sql, at, first)];
    case "[": {
      const end = sql.indexOf("]", at);
      return ["quoted", end === -1 ? sql.length : end + 1];
    }
    case "?":
      return ["parameter", digitsEnd(sql, at + 1)];
    case ":":
    case "@":
    case "$": {
      const end = nameEnd(sql, at + 1);
      return end === at + 1 ? ["symbol", end] : ["parameter", end];
    }
    default:
      return readPlain(sql, at);
  }
}

function readPlain(sql: string, at: number): [Token["kind"], number] {
  const code = sql.charCodeAt(at);
  if (code >= 48 && code <= 57) return ["number", numberEnd(sql, at)];
  return isNameCode(code) ? ["word", nameEnd(sql, at)] : ["symbol", at + 1];
}

/** The place after the closing quote; a doubled quote stands for itself. */
function quotedEnd(sql: string, at: number, close: string): number {
  let end = sql.indexOf(close, at + 1);
  while (end !== -1 && sql.charAt(end + 1) === close) end = sql.indexOf(close, end + 2);
  return end === -1 ? sql.length : end + 1;
}

function digitsEnd(sql: string, from: number): number {
  let end = from;
  while (sql.charCodeAt(end) >= 48 && sql.charCodeAt(end) <= 57) end += 1;
  return end;
}

function nameEnd(sql: string, from: number): number {
  let end = from;
  while (end < sql.length && isNameCode(sql.charCodeAt(end))) end += 1;
  return end;
}

function numberEnd(sql: string, from: number): number {
  let end = from;
  while (end < sql.length && (isNameCode(sql.charCodeAt(end)) || sql.charAt(end) === ".")) end += 1;
  return end;
}

/** SQLite's `IdChar`: letters, digits, `_`, `$` and every byte from 0x80 on. */
function isNameCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code >= 0x80
  );
}
