import type { Connection } from "../connection.ts";
import type { JobOf, SearchSchemaAnswer } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { columnsOf } from "./describe-table.ts";
import { type TableObject, tablesOf, textOrNull } from "./schema-objects.ts";

type Match = SearchSchemaAnswer["matches"][number];

/** Names that contain a text, in any case: tables and views first, then columns, indexes and triggers. */
export function searchSchema({ connection }: JobContext, job: JobOf<"search_schema">): SearchSchemaAnswer {
  const needle = job.pattern.toLowerCase();
  const matches: Match[] = [];
  for (const match of candidates(connection, job)) {
    if (!match.name.toLowerCase().includes(needle)) continue;
    if (matches.length === job.limit) return { matches, truncated: true };
    matches.push(match);
  }
  return { matches, truncated: false };
}

function* candidates(connection: Connection, { of, detail }: JobOf<"search_schema">): Generator<Match> {
  const tables = tablesOf(connection, false);
  for (const table of tables) {
    const kind = table.type === "view" ? "view" : "table";
    if (of === kind || of === "any") yield tableMatch(connection, table, kind, detail);
  }
  if (of === "column" || of === "any") for (const table of tables) yield* columnMatches(connection, table, detail);
  for (const kind of ["index", "trigger"] as const) {
    if (of === kind || of === "any") yield* attachedMatches(connection, kind, detail);
  }
}

function tableMatch(
  connection: Connection,
  { name, columns }: TableObject,
  kind: "table" | "view",
  detail: JobOf<"search_schema">["detail"],
): Match {
  if (detail === "names") return { kind, name };
  if (detail === "summary") return { kind, name, columns };
  const sql = connection.row("SELECT sql FROM sqlite_schema WHERE type = ? AND name = ?", kind, name)?.[0];
  return { kind, name, columns, sql: textOrNull(sql) };
}

function columnMatches(connection: Connection, table: TableObject, detail: JobOf<"search_schema">["detail"]): Match[] {
  return columnsOf(connection, table.name)
    .filter(({ hidden }) => !hidden)
    .map(({ name, type }) => ({
      kind: "column",
      name,
      table: table.name,
      ...(detail === "names" ? {} : { type }),
    }));
}

function attachedMatches(
  connection: Connection,
  kind: "index" | "trigger",
  detail: JobOf<"search_schema">["detail"],
): Match[] {
  const rows = connection.rows(
    "SELECT name, tbl_name, sql FROM sqlite_schema " +
      "WHERE type = ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    kind,
  );
  return rows.map(([name, table, sql]) => ({
    kind,
    name: String(name),
    table: String(table),
    ...(detail === "full" ? { sql: textOrNull(sql) } : {}),
  }));
}
