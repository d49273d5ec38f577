import { type ToolContext, type ToolResult } from "@bothways/kit";
import { z } from "zod";
import type { Params, WriteAnswer, WriteJob } from "../engine/protocol.ts";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { changedTable } from "./changed-table.ts";
import { ask, askAbove, type Consent, earlierConsent } from "./consent.ts";
import { returned, returningSchema } from "./rows.ts";
import { ceilingOf, limitsOf } from "./statement.ts";

/** Shape of a write's result. */
export const writeSchema = z.object({
  affected_rows: z.number(),
  total_changes: z.number(),
  last_insert_rowid: z.union([z.number(), z.string()]).nullable(),
  returning: returningSchema.nullable(),
  dry_run: z.boolean(),
  committed: z.boolean(),
});

/** A write as a tool asks for it; the SQL has passed the gate. */
export interface WriteRequest {
  readonly sql: string;
  readonly params: Params | undefined;
  readonly database: string | undefined;
  readonly dryRun: boolean;
  readonly maxAffectedRows: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** Runs one write statement, with the user's consent where `--confirm` asks for it. */
export async function runWrite(
  request: WriteRequest,
  sqlite: Sqlite,
  ctx: ToolContext,
): Promise<ToolResult<z.input<typeof writeSchema>>> {
  const job: WriteJob = {
    kind: "write",
    database: request.database,
    sql: request.sql,
    params: request.params,
    dryRun: request.dryRun,
    maxAffectedRows: ceilingOf(sqlite, request.maxAffectedRows),
    limits: limitsOf(sqlite, sqlite.options.maxRows),
  };
  if (!sqlite.options.confirm || job.dryRun) return writeResult(await runJob(job, request, sqlite, ctx));
  const consent = earlierConsent(ctx) ?? (await consentFor(job, request, sqlite, ctx));
  if (consent.kind === "unanswered") return consent.result;
  return writeResult(await runJob({ ...job, maxAffectedRows: consent.changes }, request, sqlite, ctx));
}

/** Finds out by a dry run whether there is anything to ask about. */
async function consentFor(job: WriteJob, request: WriteRequest, sqlite: Sqlite, ctx: ToolContext): Promise<Consent> {
  const { total_changes: total, affected_rows: affected } = await runJob(
    { ...job, dryRun: true },
    request,
    sqlite,
    ctx,
  );
  const target = changedTable(job.sql);
  const whole =
    target !== undefined && affected > 0 && (await isWholeTable(target.table, affected, request, sqlite, ctx));
  if (total <= askAbove && !whole) {
    // What was not asked about may not grow beyond that before it runs.
    const ceiling = job.maxAffectedRows === 0 ? askAbove : Math.min(job.maxAffectedRows, askAbove);
    return { kind: "granted", changes: ceiling };
  }
  const where = target === undefined ? "" : ` in ${JSON.stringify(target.table)}`;
  const all = whole ? " (the whole table)" : "";
  const sentence = `This would change ${total} ${total === 1 ? "row" : "rows"}${where}${all} of database ${JSON.stringify(sqlite.databaseName(request.database))}.`;
  return ask(ctx, { changes: total, sentence, sql: job.sql });
}

/** True when no row of the table would stay as it is. */
async function isWholeTable(
  table: string,
  affected: number,
  request: WriteRequest,
  sqlite: Sqlite,
  ctx: ToolContext,
): Promise<boolean> {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const sql = `SELECT count(*) FROM (SELECT 1 FROM main.${quoted} LIMIT ${affected + 1})`;
  const job = { kind: "query", database: request.database, sql, limits: limitsOf(sqlite, 1) } as const;
  const { rows } = await sqlite.run<"query">(job, ctx, request.timeoutMs);
  return rows[0]?.[0] === affected;
}

function runJob(job: WriteJob, request: WriteRequest, sqlite: Sqlite, ctx: ToolContext): Promise<WriteAnswer> {
  return sqlite.run<"write">(job, ctx, request.timeoutMs);
}

function writeResult(answer: WriteAnswer): ToolResult<z.input<typeof writeSchema>> {
  return answered({ ...answer, returning: answer.returning === null ? null : returned(answer.returning) });
}
