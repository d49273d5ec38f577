import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { adds, engineTimeoutMs } from "./hints.ts";
import { database, dryRun, query } from "./inputs.ts";
import { admit } from "./statement.ts";

const inputSchema = z.object({ query: query.describe("CREATE TABLE …"), dry_run: dryRun, database });

export const createTable = defineTool({
  name: "create_table",
  title: "Create a table",
  description: "Creates one table from a CREATE TABLE statement. created is false when it existed or in a dry run.",
  annotations: adds,
  access: "write",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema: z.object({ table: z.string(), created: z.boolean() }),
  async run(input, sqlite: Sqlite, ctx) {
    const { sql, target } = admit(input.query, "create-table", sqlite);
    const job = { kind: "ddl", database: input.database, sql, dryRun: input.dry_run } as const;
    const { schema_diff: diff, committed } = await sqlite.run<"ddl">(job, ctx);
    const added = diff.find(({ change, type }) => change === "added" && type === "table");
    if (committed) await sqlite.schemas.changed(sqlite.databaseName(input.database));
    return success({ table: added?.name ?? target?.name ?? "", created: committed && added !== undefined });
  },
});
