import type { Connection } from "../connection.ts";
import { JobError } from "../job-error.ts";
import type { JobContext } from "../task.ts";

/** How a change ends. */
export interface AtomicLimits {
  /** Rolls everything back after the work is done. */
  readonly dryRun: boolean;
  /** Changes at most, triggers and foreign key actions included; 0 means no limit. */
  readonly maxAffectedRows: number;
}

/** Counters of the connection. */
export interface Counters {
  /** Direct changes of the last statement. */
  readonly changes: number;
  readonly totalChanges: number;
  readonly lastInsertRowid: bigint;
}

/** What `atomically` did. */
export interface AtomicResult<Result> {
  readonly result: Result;
  readonly totalChanges: number;
  readonly committed: boolean;
}

/**
 * Runs `work` in one transaction: all of it is committed, or nothing.
 *
 * @param work Calls `step` after each statement, which ends the transaction when a limit is passed.
 * @throws {JobError} `AFFECTED_ROWS_EXCEEDED`, or the error of `work`; nothing is changed then.
 */
export function atomically<Result>(
  { connection, settings, announceCommit }: JobContext,
  limits: AtomicLimits,
  work: (step: () => Counters) => Result,
): AtomicResult<Result> {
  const { database } = connection;
  connection.run("BEGIN IMMEDIATE");
  try {
    if (settings.maxGrowth > 0) limitGrowth(connection, settings.maxGrowth);
    const before = countersOf(connection).totalChanges;
    const violations = limits.dryRun ? deferredViolations(connection) : 0;
    const result = work(() => {
      const counters = countersOf(connection);
      if (!database.inTransaction) throw endedEarly();
      assertWithin(counters.totalChanges - before, limits.maxAffectedRows);
      return counters;
    });
    const totalChanges = countersOf(connection).totalChanges - before;
    if (limits.dryRun) {
      if (deferredViolations(connection) > violations) throw deferredFailure();
      connection.run("ROLLBACK");
    } else {
      announceCommit();
      connection.run("COMMIT");
    }
    return { result, totalChanges, committed: !limits.dryRun };
  } finally {
    if (database.inTransaction) connection.run("ROLLBACK");
  }
}

function countersOf(connection: Connection): Counters {
  const [changes, total, rowid] = connection.row("SELECT changes(), total_changes(), last_insert_rowid()") ?? [];
  return {
    changes: Number(changes),
    totalChanges: Number(total),
    lastInsertRowid: typeof rowid === "bigint" ? rowid : 0n,
  };
}

function assertWithin(changes: number, limit: number): void {
  if (limit === 0 || changes <= limit) return;
  throw new JobError(
    "AFFECTED_ROWS_EXCEEDED",
    `${changes} rows would change, limit ${limit}. Nothing was changed.`,
    "Narrow the WHERE clause, or raise max_affected_rows up to the server's --max-affected-rows.",
    { affected: changes, limit },
  );
}

/** SQLite answers `SQLITE_FULL` at the cap and leaves the transaction open. */
function limitGrowth({ database }: Connection, mebibytes: number): void {
  const pages = Number(database.pragma("page_count", { simple: true }));
  const pageSize = Number(database.pragma("page_size", { simple: true }));
  database.pragma(`max_page_count=${pages + Math.ceil((mebibytes * 1024 * 1024) / pageSize)}`);
}

/** Deferred keys are checked by COMMIT alone, which a dry run never reaches. */
function deferredViolations(connection: Connection): number {
  const tables = connection.rows(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%DEFERRABLE%INITIALLY%DEFERRED%'",
  );
  let violations = 0;
  for (const [name] of tables) {
    violations += Number(connection.row("SELECT count(*) FROM pragma_foreign_key_check(?)", name)?.[0]);
  }
  return violations;
}

function deferredFailure(): JobError {
  return new JobError(
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "FOREIGN KEY constraint failed: COMMIT would refuse these changes.",
    "Nothing was changed; check the referenced rows with read_query.",
  );
}

/** `ON CONFLICT ROLLBACK` and `RAISE(ROLLBACK)` end the transaction: what followed would commit by itself. */
function endedEarly(): JobError {
  return new JobError(
    "SQLITE_ABORT_ROLLBACK",
    "a statement ended the transaction; everything was rolled back.",
    "Remove ON CONFLICT ROLLBACK or RAISE(ROLLBACK) from what it ran.",
  );
}
