import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { adds, engineTimeoutMs } from "./hints.ts";
import { database } from "./inputs.ts";

const inputSchema = z.object({
  file_name: z.string().min(1).max(255).describe("Plain name of a file that does not exist yet."),
  database,
});

export const backupDatabase = defineTool({
  name: "backup_database",
  title: "Back up a database",
  description: "Copies the database to a new file in the backup directory, also while others write.",
  annotations: adds,
  access: "admin",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema: z.object({ file_name: z.string(), bytes: z.number(), pages: z.number(), sha256: z.string() }),
  async run(input, sqlite: Sqlite, ctx) {
    const job = { kind: "backup_database", database: input.database, fileName: input.file_name } as const;
    return answered(await sqlite.run<"backup_database">(job, ctx));
  },
});
