/** What CREATE, ALTER and DROP statements may define, and where. Imports only the lexer. */
import { keywordOf, nameOf, type Token } from "./lexer.ts";

/** The object a definition is about, as far as the text tells. */
export interface Target {
  readonly type: "table" | "index" | "view" | "trigger";
  readonly name: string;
}

interface Verdict {
  readonly problem?: { readonly sentence: string; readonly next: string } | undefined;
  readonly target?: Target | undefined;
}

const modules = new Set(["fts5", "fts4", "rtree", "geopoly"]);
const moduleList = "fts5, fts4, rtree and geopoly";
const kinds = new Map<string, Target["type"]>([
  ["TABLE", "table"],
  ["INDEX", "index"],
  ["VIEW", "view"],
  ["TRIGGER", "trigger"],
]);

/**
 * Checks a statement whose first word is CREATE, ALTER, DROP, REINDEX or ANALYZE.
 *
 * @param tablesOnly True for `create_table`: nothing but an ordinary table may be created.
 */
export function checkDefinition(tokens: readonly Token[], tablesOnly: boolean): Verdict {
  const word = keywordOf(tokens[0]);
  if (word === "CREATE") return checkCreate(tokens, tablesOnly);
  if (word === "ALTER" || word === "DROP") return checkName(tokens, 2, kinds.get(keywordOf(tokens[1])));
  return {};
}

function checkCreate(tokens: readonly Token[], tablesOnly: boolean): Verdict {
  const word = keywordOf(tokens[1]);
  if (word === "TEMP" || word === "TEMPORARY") return temporary;
  if (tablesOnly) {
    return word === "TABLE" ? checkName(tokens, 2, "table") : no("create_table creates tables only.", useAlter);
  }
  switch (word) {
    case "INDEX":
      return checkName(tokens, 2, "index");
    case "UNIQUE":
      return keywordOf(tokens[2]) === "INDEX" ? checkName(tokens, 3, "index") : notKnown;
    case "VIEW":
      return checkName(tokens, 2, "view");
    case "TRIGGER":
      return checkName(tokens, 2, "trigger");
    case "VIRTUAL":
      return keywordOf(tokens[2]) === "TABLE" ? checkVirtual(tokens) : notKnown;
    case "TABLE":
      return no("alter_schema does not create tables.", "Use create_table.");
    default:
      return notKnown;
  }
}

function checkVirtual(tokens: readonly Token[]): Verdict {
  const named = checkName(tokens, 3, "table");
  if (named.problem !== undefined) return named;
  const using = tokens.findIndex((token) => keywordOf(token) === "USING");
  const module = nameOf(tokens[using + 1])?.toLowerCase();
  if (using !== -1 && module !== undefined && modules.has(module)) return named;
  return no("this virtual table module is not allowed.", `Allowed are ${moduleList}.`);
}

/** A name in another schema than `main` would outlive the call inside the engine's connection. */
function checkName(tokens: readonly Token[], from: number, type: Target["type"] | undefined): Verdict {
  const at = afterIfExists(tokens, from);
  const qualified = tokens[at + 1]?.text === "." && tokens[at + 1]?.kind === "symbol";
  const schema = qualified ? nameOf(tokens[at]) : "main";
  if (schema?.toLowerCase() !== "main") return temporary;
  const name = nameOf(tokens[qualified ? at + 2 : at]);
  return type === undefined || name === undefined ? {} : { target: { type, name } };
}

/** `IF [NOT] EXISTS`; IF alone is a name like any other. */
function afterIfExists(tokens: readonly Token[], from: number): number {
  if (keywordOf(tokens[from]) !== "IF") return from;
  if (keywordOf(tokens[from + 1]) === "EXISTS") return from + 2;
  return keywordOf(tokens[from + 1]) === "NOT" && keywordOf(tokens[from + 2]) === "EXISTS" ? from + 3 : from;
}

function no(sentence: string, next: string): Verdict {
  return { problem: { sentence, next } };
}

const useAlter = "Use alter_schema for indexes, views and triggers.";
const temporary = no(
  "temporary objects are not allowed: no connection lasts beyond a call.",
  "Create it in the main schema, or use a WITH clause.",
);
const notKnown = no(
  "this kind of CREATE is not allowed here.",
  `alter_schema creates indexes, views, triggers and virtual tables with ${moduleList}; create_table creates tables.`,
);
