import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database, tableName } from "./inputs.ts";

const inputSchema = z.object({
  table_name: tableName,
  columns: z.array(z.string()).min(1).max(200).optional().describe("All unless given."),
  sample_rows: z.number().int().min(1).max(1_000_000).default(10_000).describe("Most rows looked at."),
  database,
});

const outputSchema = z.object({
  row_count: z.number(),
  row_count_exact: z.boolean(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      nulls: z.number(),
      distinct: z.number(),
      min: z.unknown(),
      max: z.unknown(),
      top: z.array(z.object({ value: z.unknown(), count: z.number() })),
    }),
  ),
});

export const profileTable = defineTool({
  name: "profile_table",
  title: "Profile a table",
  description:
    "Nulls, distinct values, range and most frequent values of each column, from a sample. " +
    "Use it to learn what a table holds before you query it.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const job = {
      kind: "profile_table",
      database: input.database,
      table: input.table_name,
      columns: input.columns,
      sampleRows: input.sample_rows,
      maxCell: sqlite.options.maxCell,
    } as const;
    return answered(await sqlite.run<"profile_table">(job, ctx));
  },
});
