import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database } from "./inputs.ts";

const inputSchema = z.object({
  deep: z.boolean().default(false).describe("integrity_check instead of quick_check: slower, also checks indexes."),
  database,
});

const outputSchema = z.object({
  ok: z.boolean(),
  problems: z.array(z.string()),
  foreign_key_problems: z.array(
    z.object({
      table: z.string(),
      rowid: z.union([z.number(), z.string()]).nullable(),
      parent: z.string(),
      foreign_key: z.number(),
    }),
  ),
  page_count: z.number(),
  free_pages: z.number(),
});

export const checkDatabase = defineTool({
  name: "check_database",
  title: "Check a database",
  description:
    "Whether the file is sound: damage, broken foreign keys, free pages. Use it after a crash or odd errors.",
  annotations: reads,
  access: "admin",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    return answered(await sqlite.run<"check_database">({ kind: "check_database", ...input }, ctx));
  },
});
