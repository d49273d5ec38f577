import { keywordOf, nameOf, type Token, tokenize } from "../sql/lexer.ts";

/** The table that an UPDATE or DELETE is about, and whether it says which rows. */
export interface ChangedTable {
  readonly table: string;
  readonly hasWhere: boolean;
}

const conflictWords = new Set(["ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]);

/** Reads the target of an UPDATE or DELETE; undefined for statements that only add rows. */
export function changedTable(sql: string): ChangedTable | undefined {
  const tokens = outermost(tokenize(sql));
  const verb = tokens.findIndex((token) => ["UPDATE", "DELETE"].includes(keywordOf(token)));
  const first = keywordOf(tokens[0]);
  if (verb === -1 || (first !== "WITH" && verb !== 0)) return undefined;
  let at = verb + 1;
  if (keywordOf(tokens[at]) === "OR" && conflictWords.has(keywordOf(tokens[at + 1]))) at += 2;
  if (keywordOf(tokens[verb]) === "DELETE" && keywordOf(tokens[at]) === "FROM") at += 1;
  if (tokens[at + 1]?.text === ".") at += 2;
  const table = nameOf(tokens[at]);
  if (table === undefined) return undefined;
  return { table, hasWhere: tokens.slice(at + 1).some((token) => keywordOf(token) === "WHERE") };
}

/** Tokens outside all parentheses: a WHERE in there belongs to a subquery. */
function outermost(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter(({ kind, text }) => {
    if (kind === "symbol" && text === "(") depth += 1;
    const outside = depth === 0;
    if (kind === "symbol" && text === ")") depth -= 1;
    return outside;
  });
}
