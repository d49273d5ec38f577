import { statSync } from "node:fs";
import type {
  DatabaseInfoAnswer,
  JobOf,
  ListTablesAnswer,
  SchemaTextAnswer,
  SchemaVersionAnswer,
  TableNamesAnswer,
} from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { countRows } from "./count-rows.ts";
import { tablesOf } from "./schema-objects.ts";

const countBudgetMs = 900;

/** Tables and views; a view is never run, not even to count it. */
export function listTables({ connection }: JobContext, job: JobOf<"list_tables">): ListTablesAnswer {
  const matching = job.pattern === undefined ? undefined : matchingNames({ connection }, job.pattern);
  const tables = tablesOf(connection, job.includeSystem).filter(({ name, type }) => {
    return (job.includeViews || type !== "view") && (matching === undefined || matching.has(name));
  });
  const counts = job.counts ? countRows(connection, tables, countBudgetMs) : undefined;
  return {
    tables: tables.map(({ name, type, columns, strict, withoutRowid }) => ({
      name,
      type,
      columns,
      ...(counts === undefined ? {} : { rows: counts.get(name) ?? null }),
      strict,
      without_rowid: withoutRowid,
    })),
  };
}

/** Names for completion. */
export function tableNames({ connection }: JobContext, job: JobOf<"table_names">): TableNamesAnswer {
  const prefix = job.prefix.toLowerCase();
  const names = tablesOf(connection, false)
    .map(({ name }) => name)
    .filter((name) => name.toLowerCase().startsWith(prefix));
  return { names: names.slice(0, job.limit), total: names.length };
}

/** The DDL as one text, tables first; a part that does not fit is left out and said so. */
export function schemaText({ connection }: JobContext, job: JobOf<"schema_text">): SchemaTextAnswer {
  const shadows = new Set(
    tablesOf(connection, true)
      .filter(({ type }) => type === "shadow")
      .map(({ name }) => name),
  );
  const rows = connection.rows(
    "SELECT tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' " +
      "ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 ELSE 2 END, rowid",
  );
  const cutLine = "-- The schema goes on; call search_schema or describe_table for the rest.\n";
  let text = "";
  let bytes = Buffer.byteLength(cutLine);
  for (const [table, sql] of rows) {
    if (shadows.has(String(table))) continue;
    const statement = `${String(sql)};\n`;
    bytes += Buffer.byteLength(statement);
    if (bytes > job.maxBytes) return { text: text + cutLine, truncated: true };
    text += statement;
  }
  return { text, truncated: false };
}

/** What one database file is. */
export function databaseInfo({ connection }: JobContext): DatabaseInfoAnswer {
  const tables = tablesOf(connection, false).filter(({ type }) => type !== "view").length;
  const { size } = statSync(connection.identity.realPath);
  const mode = connection.database.pragma("journal_mode", { simple: true });
  return { size_bytes: size, tables, journal_mode: String(mode) };
}

/** The number that SQLite raises with every change of the schema. */
export function schemaVersion({ connection }: JobContext): SchemaVersionAnswer {
  return { version: Number(connection.database.pragma("schema_version", { simple: true })) };
}

function matchingNames({ connection }: Pick<JobContext, "connection">, pattern: string): Set<string> {
  const rows = connection.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND name GLOB ?", pattern);
  return new Set(rows.map(([name]) => String(name)));
}
