import type { Tool } from "@bothways/kit";
import { z } from "zod";
import { databasesOf, type SqliteOptions } from "../options.ts";
import type { SavedQuery } from "../sql/saved-queries.ts";
import type { Sqlite } from "../sqlite.ts";
import { alterSchema } from "./alter-schema.ts";
import { appendInsight } from "./append-insight.ts";
import { backupDatabase } from "./backup-database.ts";
import { checkDatabase } from "./check-database.ts";
import { createTable } from "./create-table.ts";
import { describeTable } from "./describe-table.ts";
import { executeTransaction } from "./execute-transaction.ts";
import { explainQuery } from "./explain-query.ts";
import { exportQuery } from "./export-query.ts";
import { importCsv } from "./import-csv.ts";
import { listDatabases } from "./list-databases.ts";
import { listTables } from "./list-tables.ts";
import { profileTable } from "./profile-table.ts";
import { readQuery } from "./read-query.ts";
import { savedQueryTool } from "./saved-query.ts";
import { searchSchema } from "./search-schema.ts";
import { writeQuery } from "./write-query.ts";

/** All tools in the order of `tools/list`. */
export const tools: readonly Tool<Sqlite>[] = [
  readQuery,
  writeQuery,
  createTable,
  listTables,
  describeTable,
  appendInsight,
  explainQuery,
  searchSchema,
  listDatabases,
  profileTable,
  executeTransaction,
  alterSchema,
  importCsv,
  exportQuery,
  checkDatabase,
  backupDatabase,
];

const writing = new Set<Tool<Sqlite>>([writeQuery, createTable, executeTransaction, alterSchema, importCsv]);

/** The tools that exist for these options, saved queries last. */
export function selectTools(options: SqliteOptions, saved: readonly SavedQuery[]): Tool<Sqlite>[] {
  const form = databaseForm(options);
  return [
    ...tools.filter((tool) => isListed(tool, options)).map((tool) => withDatabase(tool, form)),
    ...saved.filter(({ mode }) => mode === "read" || options.readWrite).map(savedQueryTool),
  ];
}

function isListed(tool: Tool<Sqlite>, options: SqliteOptions): boolean {
  if (tool === exportQuery) return options.exportDir !== undefined;
  if (tool === backupDatabase) return options.backupDir !== undefined;
  return options.readWrite || !writing.has(tool);
}

type DatabaseForm = "omitted" | "optional" | "required";

/** With one database there is nothing to choose; with directories only there is no default. */
function databaseForm(options: SqliteOptions): DatabaseForm {
  const configured = databasesOf(options).length;
  if (configured === 0) return "required";
  return configured === 1 && options.allowDir.length === 0 ? "omitted" : "optional";
}

const forms: Record<Exclude<DatabaseForm, "optional">, WeakMap<Tool<Sqlite>, Tool<Sqlite>>> = {
  omitted: new WeakMap(),
  required: new WeakMap(),
};

const required = z.string().min(1).describe("Name from list_databases.");

/** Each form of a tool is made once per process, because the kit converts the schemas of each object anew. */
function withDatabase(tool: Tool<Sqlite>, form: DatabaseForm): Tool<Sqlite> {
  if (form === "optional" || !("database" in tool.inputSchema.shape)) return tool;
  const known = forms[form].get(tool);
  if (known !== undefined) return known;
  const bare = tool.inputSchema.omit({ database: true });
  const made = { ...tool, inputSchema: form === "omitted" ? bare : bare.extend({ database: required }) };
  forms[form].set(tool, made);
  return made;
}
