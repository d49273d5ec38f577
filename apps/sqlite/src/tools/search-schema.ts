import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database } from "./inputs.ts";

const inputSchema = z.object({
  pattern: z.string().min(1).describe("Part of a name, in any letter case."),
  kind: z.enum(["table", "column", "index", "view", "trigger", "any"]).default("any"),
  detail: z.enum(["names", "summary", "full"]).default("summary").describe("full adds the SQL."),
  limit: z.number().int().min(1).max(500).default(50),
  database,
});

const outputSchema = z.object({
  matches: z.array(
    z.object({
      kind: z.enum(["table", "column", "index", "view", "trigger"]),
      name: z.string(),
      table: z.string().optional(),
      type: z.string().optional(),
      columns: z.number().optional(),
      sql: z.string().nullable().optional(),
    }),
  ),
  truncated: z.boolean(),
});

export const searchSchema = defineTool({
  name: "search_schema",
  title: "Search the schema",
  description: "Tables, columns, indexes, views and triggers whose name holds a text. Use it in large schemas.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run({ kind, ...input }, sqlite: Sqlite, ctx) {
    return answered(await sqlite.run<"search_schema">({ kind: "search_schema", of: kind, ...input }, ctx));
  },
});
