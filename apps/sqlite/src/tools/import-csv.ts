import { defineTool, failure } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { adds, engineTimeoutMs } from "./hints.ts";
import { database, dryRun, tableName } from "./inputs.ts";
import { ceilingOf } from "./statement.ts";

const inputSchema = z.object({
  table_name: tableName,
  content: z.string().max(1_048_576).optional().describe("The CSV itself, at most 1 MB; or give path."),
  path: z.string().min(1).optional().describe("Name of a file in the import directory."),
  header: z.boolean().default(true).describe("The first line names the columns."),
  delimiter: z
    .string()
    .regex(/^[^"\r\n]$/, "must be one character, not a quote or a line end")
    .default(","),
  create: z
    .boolean()
    .default(false)
    .describe("Create the table from the header; columns get the types their values fit."),
  skip_bad_lines: z.boolean().default(false).describe("Import the rest when lines are rejected."),
  dry_run: dryRun,
  database,
});

const outputSchema = z.object({
  rows_imported: z.number(),
  rejected: z.array(z.object({ line: z.number(), reason: z.string() })),
  rejected_count: z.number(),
  table: z.string(),
  committed: z.boolean(),
});

export const importCsv = defineTool({
  name: "import_csv",
  title: "Import CSV",
  description:
    "Adds the rows of a CSV text or file to a table, in one transaction: a rejected line undoes all unless " +
    "skip_bad_lines is set. An empty field is NULL, a field with two quotes an empty text.",
  annotations: adds,
  access: "write",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run({ content, path, ...input }, sqlite: Sqlite, ctx) {
    const source = content === undefined ? path !== undefined && { file: path } : path === undefined && { content };
    if (source === false)
      return failure("INVALID_INPUT", "give either content or path.", "Call again with one of them.");
    const job = {
      kind: "import_csv",
      database: input.database,
      table: input.table_name,
      source,
      header: input.header,
      delimiter: input.delimiter,
      create: input.create,
      skipBadLines: input.skip_bad_lines,
      dryRun: input.dry_run,
      maxAffectedRows: ceilingOf(sqlite, undefined),
    } as const;
    const answer = await sqlite.run<"import_csv">(job, ctx);
    if (answer.committed && input.create) await sqlite.schemas.changed(sqlite.databaseName(input.database));
    return answered(answer);
  },
});
