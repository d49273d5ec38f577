import { bindingsFor, driverArguments } from "../../sql/params.ts";
import { encodeRows, type RowLimits, RowTooLargeError } from "../../sql/values.ts";
import { JobError } from "../job-error.ts";
import type { JobOf, Params, ReturnedRows, TransactionAnswer, TransactionItem, WriteAnswer } from "../protocol.ts";
import { sqlFailure } from "../sqlite-failure.ts";
import type { RowStatement } from "../statement-cache.ts";
import type { JobContext } from "../task.ts";
import { atomically } from "./atomic.ts";
import { jsonInteger } from "./json-integer.ts";

/** Runs one write statement in its own transaction. */
export function write(context: JobContext, job: JobOf<"write">): WriteAnswer {
  const statement = context.connection.statement("write", job.sql);
  const outcome = atomically(context, job, (step) => {
    const returning = runStatement(statement, job.sql, job.params, new RowBudget(job.limits));
    return { returning, counters: step() };
  });
  const { returning, counters } = outcome.result;
  const inserted = counters.changes > 0 && /^(?:INSERT|REPLACE|WITH)\b/i.test(job.sql);
  return {
    affected_rows: counters.changes,
    total_changes: outcome.totalChanges,
    last_insert_rowid: inserted ? jsonInteger(counters.lastInsertRowid) : null,
    returning,
    dry_run: job.dryRun,
    committed: outcome.committed,
  };
}

/** Runs several statements as one transaction; the failure names the statement by its index. */
export function transaction(context: JobContext, job: JobOf<"transaction">): TransactionAnswer {
  const budget = new RowBudget(job.limits);
  const outcome = atomically(context, job, (step) =>
    job.statements.map((item, index) => {
      const returning = runItem(context, item, index, budget);
      const { changes } = step();
      const affected = item.access === "write" ? changes : 0;
      return { index, affected_rows: affected, ...(returning === null ? {} : { returning }) };
    }),
  );
  return { results: outcome.result, total_changes: outcome.totalChanges, committed: outcome.committed };
}

function runItem(
  { connection }: JobContext,
  { sql, params, access }: TransactionItem,
  index: number,
  budget: RowBudget,
): ReturnedRows | null {
  try {
    return runStatement(connection.statement(access, sql), sql, params, budget);
  } catch (error) {
    const cause = sqlFailure(error);
    if (!(cause instanceof JobError)) throw error;
    const { code, sentence, next, details } = cause.failure;
    throw new JobError(code, `statement ${index}: ${sentence} Nothing was changed.`, next, { ...details, index });
  }
}

/** What is left of the caps of one call while its statements return rows. */
class RowBudget {
  readonly #limits: RowLimits;
  #rows: number;
  #bytes: number;

  constructor(limits: RowLimits) {
    this.#limits = limits;
    this.#rows = limits.rows;
    this.#bytes = limits.bytes;
  }

  /** Rows of a statement that returns some, as far as they fit. */
  take(statement: RowStatement, values: readonly unknown[]): ReturnedRows {
    const limits = { ...this.#limits, offset: 0, rows: this.#rows, bytes: this.#bytes };
    const columns = () => statement.columns();
    try {
      const encoded = encodeRows(statement.iterate(...values), columns, limits);
      this.#rows -= encoded.row_count;
      this.#bytes -= Buffer.byteLength(JSON.stringify(encoded.rows));
      if (this.#bytes <= 2) this.#rows = 0;
      return returned(encoded);
    } catch (error) {
      const isFirst = this.#bytes === this.#limits.bytes;
      if (isFirst || !(error instanceof RowTooLargeError)) throw error;
      // Earlier statements used up the bytes: the changes are made all the same, only the rows are left out.
      this.#rows = 0;
      return { ...returned(encodeRows([], columns, limits)), truncated: true };
    }
  }
}

function returned({ columns, rows, truncated, encoded_cells }: ReturnedRows): ReturnedRows {
  return { columns, rows, truncated, encoded_cells };
}

function runStatement(
  statement: RowStatement,
  sql: string,
  params: Params | undefined,
  budget: RowBudget,
): ReturnedRows | null {
  const values = driverArguments(bindingsFor(sql, params));
  if (statement.reader) return budget.take(statement, values);
  statement.run(...values);
  return null;
}
