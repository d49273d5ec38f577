import type { Database, Statement } from "better-sqlite3";
import { JobError } from "./job-error.ts";
import { sqlFailure } from "./sqlite-failure.ts";

/**
 * What a statement is prepared for: `own` is SQL written in this folder, everything else comes from callers.
 * `explained` starts with EXPLAIN and may stand in front of a write, which it never runs.
 */
export type StatementKind = "own" | "read" | "explained" | "write" | "ddl";

/** A row as the driver gives it in raw mode with big integers. */
export type RawRow = readonly unknown[];

export type RowStatement = Statement<unknown[], RawRow>;

const capacity = 100;

/**
 * The gate in the main process decided by the first keyword already. This repeats its coarsest rule, because PRAGMA and
 * ATTACH take effect while they are prepared: nothing but these words may ever reach `prepare`.
 */
const firstKeywords: Readonly<Record<Exclude<StatementKind, "own">, RegExp>> = {
  read: /^(?:SELECT|WITH|VALUES)\b/i,
  explained: /^EXPLAIN\s+(?:QUERY\s+PLAN\s+)?(?:SELECT|WITH|VALUES|INSERT|UPDATE|DELETE|REPLACE)\b/i,
  write: /^(?:INSERT|UPDATE|DELETE|REPLACE|WITH)\b/i,
  ddl: /^(?:CREATE|ALTER|DROP|REINDEX|ANALYZE)\b/i,
};

/** Prepared statements of one connection, the least recently used one dropped first. */
export class StatementCache {
  readonly #database: Database;
  readonly #statements = new Map<string, RowStatement>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * A statement that is idle, gives arrays and big integers, and does no more than its kind allows.
   *
   * @throws {JobError} `NOT_READ_ONLY`, `NOT_A_WRITE`, `MULTIPLE_STATEMENTS`, `EMPTY_SQL` or SQLite's own code.
   */
  get(kind: StatementKind, sql: string): RowStatement {
    const key = `${kind} ${sql}`;
    const known = this.#statements.get(key);
    if (known !== undefined) {
      this.#statements.delete(key);
      this.#statements.set(key, known);
      return known;
    }
    const statement = this.#prepare(kind, sql);
    this.#statements.set(key, statement);
    if (this.#statements.size > capacity) this.#dropOldest();
    return statement;
  }

  #prepare(kind: StatementKind, sql: string): RowStatement {
    if (kind !== "own" && !firstKeywords[kind].test(sql)) {
      throw new JobError("STATEMENT_NOT_ALLOWED", "the statement is of another kind.", "Use the tool made for it.");
    }
    let statement: RowStatement;
    try {
      statement = this.#database.prepare<unknown[], RawRow>(sql).safeIntegers();
    } catch (error) {
      throw sqlFailure(error);
    }
    assertKind(kind, statement);
    return statement.reader ? statement.raw() : statement;
  }

  #dropOldest(): void {
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined) this.#statements.delete(oldest);
  }
}

function assertKind(kind: StatementKind, statement: RowStatement): void {
  switch (kind) {
    case "read":
      if (statement.reader && statement.readonly) return;
      throw new JobError("NOT_READ_ONLY", "the statement would change the database.", "Use write_query for changes.");
    case "explained":
      if (statement.reader) return;
      throw new JobError("NOT_READ_ONLY", "the statement gives no rows.", "Use EXPLAIN QUERY PLAN with a statement.");
    case "write":
      if (!statement.readonly) return;
      throw new JobError("NOT_A_WRITE", "the statement changes nothing.", "Use read_query to read.");
    case "ddl":
      // `REINDEX t` without an index counts as read-only, so only rows tell that it is something else.
      if (!statement.reader) return;
      throw new JobError("STATEMENT_NOT_ALLOWED", "the statement does not change the schema.", "Use read_query.");
    case "own":
  }
}
