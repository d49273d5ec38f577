import type { CsvRecord } from "../../sql/csv.ts";
import type { Connection } from "../connection.ts";
import { JobError } from "../job-error.ts";
import { sqlFailure } from "../sqlite-failure.ts";
import type { RowStatement } from "../statement-cache.ts";
import { quoted } from "./schema-objects.ts";

/** Where rows go. */
export interface InsertTarget {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Rows of one statement: most of the cost of a row is that of its call. */
const rowsPerStatement = 16;
const maxParameters = 32_766;

/** Inserts records and finds out which ones the table refuses. */
export class RowInserter {
  readonly #connection: Connection;
  readonly #target: InsertTarget;
  readonly #reject: (line: number, reason: string) => void;
  readonly #batch: number;
  /** By number of rows. */
  readonly #statements = new Map<number, RowStatement>();
  #pending: CsvRecord[] = [];
  #inserted = 0;

  /** @param reject Receives the line of each refused record and why. */
  constructor(connection: Connection, target: InsertTarget, reject: (line: number, reason: string) => void) {
    this.#connection = connection;
    this.#target = target;
    this.#reject = reject;
    const fitting = Math.max(1, Math.floor(maxParameters / target.columns.length));
    this.#batch = rowsAreIndependent(connection, target.table) ? Math.min(rowsPerStatement, fitting) : 1;
  }

  /** Rows inserted so far. */
  get inserted(): number {
    return this.#inserted;
  }

  add(record: CsvRecord): void {
    const width = this.#target.columns.length;
    if (record.problem !== undefined) this.#reject(record.line, record.problem);
    else if (record.fields.length !== width) {
      this.#reject(record.line, `has ${record.fields.length} fields, expected ${width}`);
    } else if (this.#pending.push(record) >= this.#batch) this.flush();
  }

  /** Inserts what is waiting; call it after the last record. */
  flush(): void {
    const records = this.#pending;
    this.#pending = [];
    if (records.length > 1 && this.#insert(records) === undefined) return;
    // One of them is refused, and the statement was undone as a whole: find out which.
    for (const record of records) {
      const problem = this.#insert([record]);
      if (problem !== undefined) this.#reject(record.line, problem);
    }
  }

  /** The broken constraint, or undefined. Anything but a constraint concerns the whole import and is thrown. */
  #insert(records: readonly CsvRecord[]): string | undefined {
    try {
      this.#statementFor(records.length).run(records.flatMap(({ fields }) => fields));
    } catch (error) {
      const cause = sqlFailure(error);
      if (cause instanceof JobError && cause.failure.code.startsWith("SQLITE_CONSTRAINT"))
        return cause.failure.sentence;
      throw error;
    }
    this.#inserted += records.length;
    return undefined;
  }

  #statementFor(rows: number): RowStatement {
    const known = this.#statements.get(rows);
    if (known !== undefined) return known;
    const { table, columns } = this.#target;
    const row = `(${columns.map(() => "?").join(", ")})`;
    const values = Array.from({ length: rows }, () => row).join(", ");
    const sql = `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(", ")}) VALUES ${values}`;
    const statement = this.#connection.statement("write", sql);
    this.#statements.set(rows, statement);
    return statement;
  }
}

/**
 * True when several rows in one statement end like one after the other: no trigger or conflict clause can keep a part
 * of a failed statement, and no row can refer to another one of the same table.
 */
function rowsAreIndependent(connection: Connection, table: string): boolean {
  const [sql] = connection.row("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", table) ?? [];
  if (typeof sql !== "string" || /\bON\s+CONFLICT\b|\bVIRTUAL\b/i.test(sql)) return false;
  const dependent = connection.row(
    "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE " +
      'UNION ALL SELECT 1 FROM pragma_foreign_key_list(?1) WHERE "table" = ?1 COLLATE NOCASE',
    { 1: table },
  );
  return dependent === undefined;
}
