import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database } from "./inputs.ts";

const maxTables = 1000;

const inputSchema = z.object({
  pattern: z.string().min(1).optional().describe("GLOB, for example order*."),
  include_views: z.boolean().default(true),
  include_system: z.boolean().default(false).describe("Also sqlite_* and shadow tables."),
  counts: z.boolean().default(false).describe("Also count rows, for at most a second; null where that was too short."),
  database,
});

const outputSchema = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      type: z.enum(["table", "view", "virtual", "shadow"]),
      columns: z.number(),
      rows: z.number().nullable().optional(),
      strict: z.boolean(),
      without_rowid: z.boolean(),
    }),
  ),
  truncated: z.boolean().optional(),
});

export const listTables = defineTool({
  name: "list_tables",
  title: "List tables",
  description: "Tables and views with their number of columns. Call it before any query.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const job = {
      kind: "list_tables",
      database: input.database,
      pattern: input.pattern,
      includeViews: input.include_views,
      includeSystem: input.include_system,
      counts: input.counts,
    } as const;
    const { tables } = await sqlite.run<"list_tables">(job, ctx);
    if (tables.length <= maxTables) return answered({ tables });
    return answered({ tables: tables.slice(0, maxTables), truncated: true });
  },
});
