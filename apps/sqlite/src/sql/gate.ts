/**
 * Decides from the text alone whether SQLite may see a statement. Preparing is too late: `PRAGMA` takes effect at
 * `prepare()`, also behind EXPLAIN, comments, `;` or a byte order mark.
 *
 * A pure function without imports beyond the lexer, so that the engine process can load it too.
 */
import { checkDefinition, type Target } from "./definitions.ts";
import { keywordOf, skipTrivia, type Token, tokenize } from "./lexer.ts";
import { forbiddenPragmaFunction } from "./names.ts";

/** What a tool wants to do with the statement. */
export type SqlUse = "read" | "read-or-explain" | "plan" | "write" | "transaction" | "create-table" | "alter-schema";

/** Why a statement was refused; the text of the tool's failure. */
export interface Refusal {
  readonly kind: "refused";
  readonly code:
    | "STATEMENT_NOT_ALLOWED"
    | "NOT_READ_ONLY"
    | "NOT_A_WRITE"
    | "MULTIPLE_STATEMENTS"
    | "EMPTY_SQL"
    | "SQL_TOO_LONG";
  readonly sentence: string;
  readonly next: string;
}

/** A statement that may be prepared. */
export interface Admitted {
  readonly kind: "admitted";
  /** Starts at the first keyword and ends with the statement, so that SQLite and we agree what comes first. */
  readonly sql: string;
  /** Whether the text reads or changes data; what SQLite says after `prepare` decides. */
  readonly access: "read" | "write";
  /** True when `sql` starts with EXPLAIN, which we have put there. */
  readonly explained: boolean;
  /** What a CREATE, ALTER or DROP is about. */
  readonly target?: Target | undefined;
}

const reads = new Set(["SELECT", "WITH", "VALUES"]);
const writes = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"]);
const both = new Set([...reads, ...writes]);
const definitions = new Set(["CREATE", "ALTER", "DROP", "REINDEX", "ANALYZE"]);

const firstWords: Readonly<Record<SqlUse, ReadonlySet<string>>> = {
  read: reads,
  "read-or-explain": reads,
  plan: both,
  write: writes,
  transaction: both,
  "create-table": new Set(["CREATE"]),
  "alter-schema": definitions,
};

/**
 * Checks one statement for one use.
 *
 * @param maxBytes Most UTF-8 bytes of `sql`.
 */
export function gate(sql: string, use: SqlUse, maxBytes: number): Admitted | Refusal {
  if (Buffer.byteLength(sql) > maxBytes)
    return refuse("SQL_TOO_LONG", `the SQL is longer than ${maxBytes} bytes.`, tooLong);
  if (sql.includes("\0")) return refuse("STATEMENT_NOT_ALLOWED", "the SQL contains a NUL character.", bindIt);
  const pragma = forbiddenPragmaFunction(sql);
  if (pragma !== undefined) {
    return refuse("STATEMENT_NOT_ALLOWED", `${pragma} is not one of the pragma functions allowed here.`, pragmaHint);
  }
  const text = sql.slice(firstWordAt(sql));
  const tokens = tokenize(text);
  if (tokens.length === 0) return refuse("EMPTY_SQL", "there is no statement in the SQL.", "Send one SQL statement.");
  if (keywordOf(tokens[0]) === "EXPLAIN" && (use === "read-or-explain" || use === "plan")) {
    return admitExplained(text, tokens, use);
  }
  return admit(text, tokens, use);
}

/** Statements before the first one may be empty: SQLite passes over their `;`. */
function firstWordAt(sql: string): number {
  let at = skipTrivia(sql, 0);
  while (sql.charAt(at) === ";") at = skipTrivia(sql, at + 1);
  return at;
}

function admit(text: string, tokens: readonly Token[], use: SqlUse): Admitted | Refusal {
  const word = keywordOf(tokens[0]);
  if (!firstWords[use].has(word))
    return refuse("STATEMENT_NOT_ALLOWED", `${shown(tokens[0])} is not allowed here.`, hintFor(word));
  const length = statementLength(tokens);
  if (length === undefined) return refuse("MULTIPLE_STATEMENTS", "the SQL holds more than one statement.", oneOnly);
  const statement = tokens.slice(0, length);
  const verb = word === "WITH" ? verbAfterWith(statement) : word;
  const access = reads.has(verb) ? "read" : "write";
  if (access === "write" && isReadUse(use)) return refuse("NOT_READ_ONLY", `${verb} changes data.`, useWrite);
  if (access === "read" && use === "write") return refuse("NOT_A_WRITE", `${verb} only reads.`, useRead);
  const { problem, target } = definitions.has(word) ? checkDefinition(statement, use === "create-table") : noDefinition;
  if (problem !== undefined) return refuse("STATEMENT_NOT_ALLOWED", problem.sentence, problem.next);
  return { kind: "admitted", sql: text.slice(0, statement.at(-1)?.end ?? 0), access, explained: false, target };
}

/** Strips the prefix, checks what is behind it like any statement and builds a prefix of our own. */
function admitExplained(text: string, tokens: readonly Token[], use: SqlUse): Admitted | Refusal {
  const withPlan = keywordOf(tokens[1]) === "QUERY" && keywordOf(tokens[2]) === "PLAN";
  const rest = tokens.slice(withPlan ? 3 : 1);
  const start = rest[0]?.start ?? text.length;
  if (rest.length === 0) return refuse("EMPTY_SQL", "there is no statement behind EXPLAIN.", "Send the statement too.");
  const moved = rest.map((token) => ({ ...token, start: token.start - start, end: token.end - start }));
  const inner = admit(text.slice(start), moved, "plan");
  if (inner.kind === "refused" || use === "plan") return inner;
  const prefix = withPlan ? "EXPLAIN QUERY PLAN " : "EXPLAIN ";
  return { ...inner, sql: prefix + inner.sql, access: "read", explained: true };
}

/** How many tokens the first statement has; undefined when another one follows. */
function statementLength(tokens: readonly Token[]): number | undefined {
  const end = isTrigger(tokens) ? triggerEnd(tokens) : tokens.findIndex(isSemicolon);
  if (end === -1) return tokens.length;
  return tokens.slice(end).every(isSemicolon) ? end : undefined;
}

function isTrigger(tokens: readonly Token[]): boolean {
  const second = keywordOf(tokens[1]);
  const what = second === "TEMP" || second === "TEMPORARY" ? keywordOf(tokens[2]) : second;
  return keywordOf(tokens[0]) === "CREATE" && what === "TRIGGER";
}

/** A trigger's body holds statements; it ends at the `;` after an END that itself follows a `;`. */
function triggerEnd(tokens: readonly Token[]): number {
  return tokens.findIndex(
    (token, index) =>
      isSemicolon(token) && keywordOf(tokens[index - 1]) === "END" && index >= 2 && isSemicolon(tokens[index - 2]),
  );
}

function isSemicolon(token: Token | undefined): boolean {
  return token?.kind === "symbol" && token.text === ";";
}

/** The verb after `WITH a AS (…), b(x) AS NOT MATERIALIZED (…)`; WITH itself when the text does not look so. */
function verbAfterWith(tokens: readonly Token[]): string {
  const afterRecursive = keywordOf(tokens[2]);
  let at = keywordOf(tokens[1]) === "RECURSIVE" && afterRecursive !== "AS" && tokens[2]?.text !== "(" ? 2 : 1;
  while (at < tokens.length) {
    at += 1;
    if (tokens[at]?.text === "(") at = closingAfter(tokens, at);
    if (keywordOf(tokens[at]) !== "AS") break;
    at += 1;
    if (keywordOf(tokens[at]) === "NOT") at += 1;
    if (keywordOf(tokens[at]) === "MATERIALIZED") at += 1;
    at = closingAfter(tokens, at);
    if (tokens[at]?.text !== ",") break;
    at += 1;
  }
  const verb = keywordOf(tokens[at]);
  return both.has(verb) ? verb : "WITH";
}

/** The index after the `)` that closes the `(` at `open`. */
function closingAfter(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const text = tokens[at]?.kind === "symbol" ? tokens[at]?.text : "";
    if (text === "(") depth += 1;
    if (text === ")") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

function isReadUse(use: SqlUse): boolean {
  return use === "read" || use === "read-or-explain";
}

/** A short echo of the first word, so that the caller sees what was read. */
function shown(token: Token | undefined): string {
  return token?.kind === "word" ? token.text.slice(0, 32).toUpperCase() : "This statement";
}

function refuse(code: Refusal["code"], sentence: string, next: string): Refusal {
  return { kind: "refused", code, sentence, next };
}

const noDefinition = { problem: undefined, target: undefined };
const tooLong = "Shorten it; send long values as params.";
const bindIt = "Send such a value in params.";
const pragmaHint =
  "Use describe_table or SELECT * FROM pragma_table_info('t'); if the word stands in a text, bind the text in params.";
const oneOnly = "Send one statement per call; execute_transaction takes several writes at once.";
const useWrite = "Use write_query, which exists when the server runs with --read-write.";
const useRead = "Use read_query.";

function hintFor(word: string): string {
  if (reads.has(word)) return useRead;
  if (writes.has(word)) return useWrite;
  if (word === "EXPLAIN") return "Use explain_query.";
  if (word === "CREATE") return "Use create_table for tables, alter_schema for indexes, views and triggers.";
  if (definitions.has(word)) return "Use alter_schema, which exists when the server runs with --read-write.";
  if (word === "PRAGMA") return "Use describe_table, check_database or SELECT * FROM pragma_table_info('t').";
  if (transactionWords.has(word)) return "Use execute_transaction: one call is one transaction.";
  if (word === "ATTACH" || word === "DETACH") return "Databases are configured at start with --db NAME=PATH.";
  if (word === "VACUUM") return "Use backup_database for a compact copy.";
  return "Send one SELECT, WITH or VALUES statement to read_query.";
}

const transactionWords = new Set(["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"]);
