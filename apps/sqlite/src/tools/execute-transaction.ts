import { defineTool, FailureError, type ToolContext } from "@bothways/kit";
import { z } from "zod";
import type { TransactionItem, TransactionJob } from "../engine/protocol.ts";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { changedTable } from "./changed-table.ts";
import { ask, askAbove, type Consent, earlierConsent } from "./consent.ts";
import { changes, engineTimeoutMs } from "./hints.ts";
import { database, dryRun, maxAffectedRows, params, query, timeoutMs } from "./inputs.ts";
import { returned, returningSchema } from "./rows.ts";
import { admit, ceilingOf, limitsOf, paramsOf } from "./statement.ts";

const inputSchema = z.object({
  statements: z
    .array(z.strictObject({ query: query.describe("A write or a SELECT."), params }))
    .min(1)
    .max(100),
  dry_run: dryRun,
  max_affected_rows: maxAffectedRows.describe("Over all statements; only lowers the server's ceiling."),
  timeout_ms: timeoutMs,
  database,
});

const outputSchema = z.object({
  results: z.array(z.object({ index: z.number(), affected_rows: z.number(), returning: returningSchema.optional() })),
  total_changes: z.number(),
  committed: z.boolean(),
});

export const executeTransaction = defineTool({
  name: "execute_transaction",
  title: "Execute a transaction",
  description:
    "Runs 1 to 100 statements as one transaction: all of them or none. " +
    "Use it when several writes belong together; SELECTs in between see the changes so far.",
  annotations: changes,
  access: "write",
  timeoutMs: engineTimeoutMs,
  singleUseState: true,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const job: TransactionJob = {
      kind: "transaction",
      database: input.database,
      statements: input.statements.map((statement, index) => itemOf(statement, index, sqlite)),
      dryRun: input.dry_run,
      maxAffectedRows: ceilingOf(sqlite, input.max_affected_rows),
      limits: limitsOf(sqlite, sqlite.options.maxRows),
    };
    let ceiling = job.maxAffectedRows;
    if (sqlite.options.confirm && !job.dryRun) {
      const consent = earlierConsent(ctx) ?? (await consentFor(job, sqlite, ctx, input.timeout_ms));
      if (consent.kind === "unanswered") return consent.result;
      ceiling = consent.changes;
    }
    const answer = await sqlite.run<"transaction">({ ...job, maxAffectedRows: ceiling }, ctx, input.timeout_ms);
    const results = answer.results.map(({ index, affected_rows, returning }) =>
      returning === undefined ? { index, affected_rows } : { index, affected_rows, returning: returned(returning) },
    );
    return answered({ results, total_changes: answer.total_changes, committed: answer.committed });
  },
});

function itemOf(statement: { query: string; params?: unknown }, index: number, sqlite: Sqlite): TransactionItem {
  try {
    const { sql, access } = admit(statement.query, "transaction", sqlite);
    return { sql, params: paramsOf(statement.params), access };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { code, sentence, next } = error.failure;
    throw new FailureError(code, `statement ${index}: ${sentence}`, next, { index });
  }
}

/** A change of a whole table is asked about too; here a missing WHERE is what tells it. */
async function consentFor(
  job: TransactionJob,
  sqlite: Sqlite,
  ctx: ToolContext,
  deadlineMs: number | undefined,
): Promise<Consent> {
  const { total_changes: total } = await sqlite.run<"transaction">({ ...job, dryRun: true }, ctx, deadlineMs);
  const whole = total > 0 && job.statements.some(({ sql }) => changedTable(sql)?.hasWhere === false);
  if (total <= askAbove && !whole) {
    return { kind: "granted", changes: job.maxAffectedRows === 0 ? askAbove : Math.min(job.maxAffectedRows, askAbove) };
  }
  const count = `${job.statements.length} statements would change ${total} ${total === 1 ? "row" : "rows"}`;
  const sentence = `${count} of database ${JSON.stringify(sqlite.databaseName(job.database))} in one transaction.`;
  return ask(ctx, { changes: total, sentence, sql: job.statements.map(({ sql }) => sql).join(";\n") });
}
