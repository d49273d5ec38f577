/** Jobs that touch files besides the database, and the check of the database file. */
import type { OnDatabase, Params } from "./protocol-rows.ts";

export interface ImportCsvJob extends OnDatabase {
  readonly kind: "import_csv";
  readonly table: string;
  /** `file`: a plain name or relative path inside `--import-dir`. */
  readonly source: { readonly content: string } | { readonly file: string };
  readonly header: boolean;
  readonly delimiter: string;
  readonly create: boolean;
  readonly skipBadLines: boolean;
  readonly dryRun: boolean;
  /** Total changes at most; 0 means no limit. */
  readonly maxAffectedRows: number;
}
export interface ImportCsvAnswer {
  readonly rows_imported: number;
  /** The first 100. */
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
  readonly rejected_count: number;
  readonly table: string;
  readonly committed: boolean;
}

/** Writes all rows of a read statement to a new file in `--export-dir`. */
export interface ExportQueryJob extends OnDatabase {
  readonly kind: "export_query";
  readonly sql: string;
  readonly params?: Params | undefined;
  readonly fileName: string;
  readonly format: "csv" | "json" | "ndjson";
}
export interface ExportQueryAnswer {
  readonly file_name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Copies the database to a new file in `--backup-dir`, also while somebody writes. */
export interface BackupJob extends OnDatabase {
  readonly kind: "backup_database";
  readonly fileName: string;
}
export interface BackupAnswer {
  readonly file_name: string;
  readonly bytes: number;
  readonly pages: number;
  readonly sha256: string;
}

export interface CheckDatabaseJob extends OnDatabase {
  readonly kind: "check_database";
  readonly deep: boolean;
}
export interface CheckDatabaseAnswer {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly foreign_key_problems: readonly {
    readonly table: string;
    readonly rowid: number | string | null;
    readonly parent: string;
    readonly foreign_key: number;
  }[];
  readonly page_count: number;
  readonly free_pages: number;
}
