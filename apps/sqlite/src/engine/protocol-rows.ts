/** Jobs that run SQL of the caller, and how rows travel. */
import type { EncodedCells, EncodedRows, JsonCell, ResultColumn, RowLimits } from "../sql/values.ts";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Parameters as the caller gave them: by position, or by name without the sign. */
export type Params = readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** Rows of a `RETURNING` clause, or of a read inside a transaction. */
export interface ReturnedRows {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly JsonCell[])[];
  readonly truncated: boolean;
  readonly encoded_cells: readonly EncodedCells[];
}

/** Every job names its database; without a name the first configured one is meant. */
export interface OnDatabase {
  readonly database?: string | undefined;
}

/** Runs one read statement. `explained`: the SQL starts with EXPLAIN, in front of any statement. */
export interface QueryJob extends OnDatabase {
  readonly kind: "query";
  readonly sql: string;
  readonly params?: Params | undefined;
  readonly explained?: boolean | undefined;
  readonly limits: RowLimits;
}
export interface QueryAnswer extends EncodedRows {
  readonly elapsed_ms: number;
}

interface WriteLimits {
  readonly dryRun: boolean;
  /** Total changes at most, triggers and foreign key actions included; 0 means no limit. */
  readonly maxAffectedRows: number;
  /** Limits of the rows that come back, over the whole call. */
  readonly limits: RowLimits;
}

/** Runs one write statement in its own transaction. */
export interface WriteJob extends OnDatabase, WriteLimits {
  readonly kind: "write";
  readonly sql: string;
  readonly params?: Params | undefined;
}
export interface WriteAnswer {
  readonly affected_rows: number;
  readonly total_changes: number;
  /** A decimal string beyond ±(2^53−1); null when nothing was inserted. */
  readonly last_insert_rowid: number | string | null;
  readonly returning: ReturnedRows | null;
  readonly dry_run: boolean;
  readonly committed: boolean;
}

/** One statement of a transaction; `access` is what the gate found it to be. */
export interface TransactionItem {
  readonly sql: string;
  readonly params?: Params | undefined;
  readonly access: "read" | "write";
}
/** Runs several statements as one transaction: all or nothing. */
export interface TransactionJob extends OnDatabase, WriteLimits {
  readonly kind: "transaction";
  readonly statements: readonly TransactionItem[];
}
export interface TransactionAnswer {
  readonly results: readonly {
    readonly index: number;
    readonly affected_rows: number;
    readonly returning?: ReturnedRows | undefined;
  }[];
  readonly total_changes: number;
  readonly committed: boolean;
}

/** Runs one statement that changes the schema. */
export interface DdlJob extends OnDatabase {
  readonly kind: "ddl";
  readonly sql: string;
  readonly dryRun: boolean;
}
export interface SchemaChange {
  readonly change: "added" | "removed" | "changed";
  readonly type: string;
  readonly name: string;
  readonly sql_before: string | null;
  readonly sql_after: string | null;
}
export interface DdlAnswer {
  readonly schema_diff: readonly SchemaChange[];
  readonly committed: boolean;
}
