import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { changes, engineTimeoutMs } from "./hints.ts";
import { database, dryRun, maxAffectedRows, params, query, timeoutMs } from "./inputs.ts";
import { runWrite, writeSchema } from "./run-write.ts";
import { admit, paramsOf } from "./statement.ts";

const inputSchema = z.object({
  query: query.describe("INSERT, UPDATE, DELETE or REPLACE, also behind WITH."),
  params,
  dry_run: dryRun,
  max_affected_rows: maxAffectedRows,
  timeout_ms: timeoutMs,
  database,
});

export const writeQuery = defineTool({
  name: "write_query",
  title: "Write query",
  description:
    "Runs one INSERT, UPDATE, DELETE or REPLACE in its own transaction; RETURNING gives rows back. " +
    "Try dry_run first: it reports the same counts and changes nothing.",
  annotations: changes,
  access: "write",
  timeoutMs: engineTimeoutMs,
  singleUseState: true,
  inputSchema,
  outputSchema: writeSchema,
  run(input, sqlite: Sqlite, ctx) {
    const { sql } = admit(input.query, "write", sqlite);
    const request = {
      sql,
      params: paramsOf(input.params),
      database: input.database,
      dryRun: input.dry_run,
      maxAffectedRows: input.max_affected_rows,
      timeoutMs: input.timeout_ms,
    };
    return runWrite(request, sqlite, ctx);
  },
});
