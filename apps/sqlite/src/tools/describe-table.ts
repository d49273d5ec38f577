import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database, tableName } from "./inputs.ts";

const inputSchema = z.object({ table_name: tableName, database });

const foreignKey = {
  columns: z.array(z.string()),
  table: z.string(),
  to: z.array(z.string()),
  on_update: z.string(),
  on_delete: z.string(),
};

const outputSchema = z.object({
  name: z.string(),
  type: z.enum(["table", "view", "virtual", "shadow"]),
  sql: z.string().nullable(),
  columns: z.array(
    z.object({
      cid: z.number(),
      name: z.string(),
      type: z.string(),
      notnull: z.boolean(),
      dflt_value: z.string().nullable(),
      pk: z.number(),
      hidden: z.boolean(),
      generated: z.enum(["virtual", "stored"]).nullable(),
    }),
  ),
  foreign_keys: z.array(z.object(foreignKey)),
  referenced_by: z.array(z.object({ from_table: z.string(), ...foreignKey })),
  indexes: z.array(
    z.object({
      name: z.string(),
      unique: z.boolean(),
      origin: z.string(),
      partial: z.boolean(),
      columns: z.array(z.string().nullable()),
      sql: z.string().nullable(),
    }),
  ),
  triggers: z.array(z.object({ name: z.string(), sql: z.string().nullable() })),
});

export const describeTable = defineTool({
  name: "describe_table",
  title: "Describe a table",
  description:
    "Columns, keys, indexes and triggers of one table or view, with its SQL. Call list_tables first for names.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const job = { kind: "describe_table", database: input.database, table: input.table_name } as const;
    return answered(await sqlite.run<"describe_table">(job, ctx));
  },
});
