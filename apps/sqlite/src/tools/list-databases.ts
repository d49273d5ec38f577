import { defineTool, FailureError, success } from "@bothways/kit";
import { z } from "zod";
import type { DatabaseEntry } from "../engine/pool.ts";
import type { DatabaseInfoAnswer } from "../engine/protocol.ts";
import type { Caller, Sqlite } from "../sqlite.ts";
import { engineTimeoutMs, reads } from "./hints.ts";

const maxDatabases = 200;

const outputSchema = z.object({
  databases: z.array(
    z.object({
      name: z.string(),
      mode: z.enum(["read-only", "read-write", "immutable"]),
      size_bytes: z.number().nullable(),
      tables: z.number().nullable(),
      journal_mode: z.string().nullable(),
      path: z.string().optional(),
      problem: z.string().optional(),
    }),
  ),
  truncated: z.boolean().optional(),
});

type Listed = z.input<typeof outputSchema>["databases"][number];

export const listDatabases = defineTool({
  name: "list_databases",
  title: "List databases",
  description:
    "Databases this server can open, with size and number of tables. Their names go into database arguments.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema: z.object({}),
  outputSchema,
  async run(_input, sqlite: Sqlite, ctx) {
    const { databases: entries, truncated } = await sqlite.engines.list(maxDatabases);
    const databases: Listed[] = [];
    // One after the other: a long list must not fill the queue that other callers wait in.
    for (const entry of entries) databases.push(await describe(entry, sqlite, ctx));
    return success(truncated ? { databases, truncated } : { databases });
  },
});

async function describe(entry: DatabaseEntry, sqlite: Sqlite, ctx: Caller): Promise<Listed> {
  const { name, mode, path } = entry;
  const shown = sqlite.options.showPaths ? { name, mode, path } : { name, mode };
  const info = await infoOf(name, sqlite, ctx);
  if (!(info instanceof FailureError)) return { ...shown, ...info };
  const { code, sentence } = info.failure;
  return { ...shown, size_bytes: null, tables: null, journal_mode: null, problem: `${code}: ${sentence}` };
}

/** A file that cannot be read is listed with the reason, beside those that can. */
async function infoOf(database: string, sqlite: Sqlite, ctx: Caller): Promise<DatabaseInfoAnswer | FailureError> {
  try {
    return await sqlite.run<"database_info">({ kind: "database_info", database }, ctx);
  } catch (error) {
    if (error instanceof FailureError && !ctx.signal.aborted) return error;
    throw error;
  }
}
