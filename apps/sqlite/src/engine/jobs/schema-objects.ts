import { nearNames } from "../../sql/names.ts";
import type { Connection } from "../connection.ts";
import { JobError } from "../job-error.ts";

/** What `pragma_table_list` calls the kinds of tables. */
export type TableType = "table" | "view" | "virtual" | "shadow";

/** One table or view of the main database. */
export interface TableObject {
  readonly name: string;
  readonly type: TableType;
  /** Columns that `SELECT *` gives. */
  readonly columns: number;
  readonly withoutRowid: boolean;
  readonly strict: boolean;
}

const tableList = "SELECT name, type, ncol, wr, strict FROM pragma_table_list WHERE schema = 'main'";

/** Tables and views in the order of their names. */
export function tablesOf(connection: Connection, includeSystem: boolean): TableObject[] {
  const tables = connection.rows(`${tableList} ORDER BY name`).map((row) => tableObject(connection, row));
  return includeSystem ? tables : tables.filter((table) => !isSystem(table));
}

/**
 * The table or view of that name; SQLite's names do not depend on ASCII case.
 *
 * @throws {JobError} `TABLE_NOT_FOUND` with up to three near names.
 */
export function findTable(connection: Connection, name: string): TableObject {
  const row = connection.row(`${tableList} AND name = ? COLLATE NOCASE`, name);
  if (row === undefined) throw tableNotFound(connection, name);
  return tableObject(connection, row);
}

/** The failure for a name that no table has. */
export function tableNotFound(connection: Connection, name: string): JobError {
  const names = tablesOf(connection, false).map((table) => table.name);
  const near = nearNames(name, names);
  const shown = name.length > 128 ? `${name.slice(0, 127)}…` : name;
  const meant = near.length === 0 ? "" : `Did you mean ${near.map((one) => JSON.stringify(one)).join(" or ")}? `;
  return new JobError("TABLE_NOT_FOUND", `no such table: ${shown}.`, `${meant}Call list_tables for all names.`, {
    near,
  });
}

/** A name as SQL text. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Text of a cell that SQLite may leave NULL. */
export function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function tableObject(connection: Connection, row: readonly unknown[]): TableObject {
  const [name, type, columns, withoutRowid, strict] = row;
  const table = String(name);
  return {
    name: table,
    type: tableType(type),
    columns: type === "virtual" ? visibleColumns(connection, table) : Number(columns),
    withoutRowid: withoutRowid === 1n,
    strict: strict === 1n,
  };
}

function tableType(type: unknown): TableType {
  return type === "view" || type === "virtual" || type === "shadow" ? type : "table";
}

/** A virtual table may count hidden columns, and its module may be missing here. */
function visibleColumns(connection: Connection, table: string): number {
  try {
    return Number(connection.row("SELECT count(*) FROM pragma_table_info(?)", table)?.[0]);
  } catch {
    return 0;
  }
}

function isSystem({ name, type }: TableObject): boolean {
  return type === "shadow" || /^sqlite_/i.test(name);
}
