/** Jobs that read the schema or look at data on their own. */
import type { Findings, Instruction, PlanStep } from "../sql/explain.ts";
import type { JsonCell } from "../sql/values.ts";
import type { OnDatabase, Params } from "./protocol-rows.ts";

export interface ListTablesJob extends OnDatabase {
  readonly kind: "list_tables";
  /** GLOB over names. */
  readonly pattern?: string | undefined;
  readonly includeViews: boolean;
  readonly includeSystem: boolean;
  readonly counts: boolean;
}
export interface ListTablesAnswer {
  readonly tables: readonly {
    readonly name: string;
    readonly type: "table" | "view" | "virtual" | "shadow";
    /** Number of columns. */
    readonly columns: number;
    /** With `counts`: null for views and for what did not fit into the time allowed. */
    readonly rows?: number | null | undefined;
    readonly strict: boolean;
    readonly without_rowid: boolean;
  }[];
}

export interface DescribeTableJob extends OnDatabase {
  readonly kind: "describe_table";
  readonly table: string;
}
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  /** Empty when the key points at the primary key. */
  readonly to: readonly string[];
  readonly on_update: string;
  readonly on_delete: string;
}
export interface DescribeTableAnswer {
  readonly name: string;
  readonly type: "table" | "view" | "virtual" | "shadow";
  readonly sql: string | null;
  readonly columns: readonly {
    readonly cid: number;
    readonly name: string;
    readonly type: string;
    readonly notnull: boolean;
    readonly dflt_value: string | null;
    /** Position in the primary key from 1; 0 outside. */
    readonly pk: number;
    readonly hidden: boolean;
    readonly generated: "virtual" | "stored" | null;
  }[];
  readonly foreign_keys: readonly ForeignKey[];
  readonly referenced_by: readonly (ForeignKey & { readonly from_table: string })[];
  readonly indexes: readonly {
    readonly name: string;
    readonly unique: boolean;
    /** `c` CREATE INDEX, `u` UNIQUE, `pk` PRIMARY KEY. */
    readonly origin: string;
    readonly partial: boolean;
    /** Null for an expression. */
    readonly columns: readonly (string | null)[];
    readonly sql: string | null;
  }[];
  readonly triggers: readonly { readonly name: string; readonly sql: string | null }[];
}

export interface SearchSchemaJob extends OnDatabase {
  readonly kind: "search_schema";
  readonly pattern: string;
  readonly of: "table" | "column" | "index" | "view" | "trigger" | "any";
  readonly detail: "names" | "summary" | "full";
  readonly limit: number;
}
export interface SearchSchemaAnswer {
  readonly matches: readonly {
    readonly kind: "table" | "column" | "index" | "view" | "trigger";
    readonly name: string;
    /** Table of a column, index or trigger. */
    readonly table?: string | undefined;
    /** With `summary`: declared type of a column, number of columns of a table or view. */
    readonly type?: string | undefined;
    readonly columns?: number | undefined;
    /** With `full`. */
    readonly sql?: string | null | undefined;
  }[];
  readonly truncated: boolean;
}

/** The DDL of a database as one text, at most `maxBytes` UTF-8 bytes. */
export interface SchemaTextJob extends OnDatabase {
  readonly kind: "schema_text";
  readonly maxBytes: number;
}
export interface SchemaTextAnswer {
  readonly text: string;
  readonly truncated: boolean;
}

/** Names of tables and views by prefix, for completion. */
export interface TableNamesJob extends OnDatabase {
  readonly kind: "table_names";
  readonly prefix: string;
  readonly limit: number;
}
export interface TableNamesAnswer {
  readonly names: readonly string[];
  /** How many there are in all. */
  readonly total: number;
}

/** What one database file is. */
export interface DatabaseInfoJob extends OnDatabase {
  readonly kind: "database_info";
}
export interface DatabaseInfoAnswer {
  readonly size_bytes: number;
  readonly tables: number;
  readonly journal_mode: string;
}

/** `PRAGMA schema_version`; grows with every change of the schema, whoever made it. */
export interface SchemaVersionJob extends OnDatabase {
  readonly kind: "schema_version";
}
export interface SchemaVersionAnswer {
  readonly version: number;
}

export interface ProfileTableJob extends OnDatabase {
  readonly kind: "profile_table";
  readonly table: string;
  /** @default every column */
  readonly columns?: readonly string[] | undefined;
  readonly sampleRows: number;
  readonly maxCell: number;
}
export interface ProfileTableAnswer {
  readonly row_count: number;
  readonly row_count_exact: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly nulls: number;
    readonly distinct: number;
    readonly min: JsonCell;
    readonly max: JsonCell;
    readonly top: readonly { readonly value: JsonCell; readonly count: number }[];
  }[];
}

/** Plans a statement without running it; `sql` carries no EXPLAIN of its own. */
export interface ExplainJob extends OnDatabase {
  readonly kind: "explain";
  readonly sql: string;
  readonly params?: Params | undefined;
  readonly bytecode: boolean;
}
export interface ExplainAnswer extends Findings {
  readonly plan: readonly PlanStep[];
  readonly bytecode?: readonly Instruction[];
}

/** Prepares a statement without running it: start check of saved queries. */
export interface CheckStatementJob extends OnDatabase {
  readonly kind: "check_statement";
  readonly sql: string;
  readonly access: "read" | "write";
}
export interface CheckStatementAnswer {
  readonly ok: true;
}
