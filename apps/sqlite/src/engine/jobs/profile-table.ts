import { encodeRows, type JsonCell } from "../../sql/values.ts";
import type { Connection } from "../connection.ts";
import { JobError } from "../job-error.ts";
import type { JobOf, ProfileTableAnswer } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { columnsOf } from "./describe-table.ts";
import { findTable, quoted, type TableObject } from "./schema-objects.ts";

/** Tables up to this many rows are counted exactly. */
const countLimit = 1_000_000;
const topValues = 5;

/** Looks at the first rows of a table: what is empty, how many values differ, which are frequent. */
export function profileTable({ connection }: JobContext, job: JobOf<"profile_table">): ProfileTableAnswer {
  const table = findTable(connection, job.table);
  const columns = columnsOf(connection, table.name).filter(({ hidden }) => !hidden);
  const wanted = job.columns === undefined ? columns : job.columns.map((name) => findColumn(columns, name, table));
  const count = countTable(connection, table, job.sampleRows);
  return {
    row_count: count.rows,
    row_count_exact: count.exact,
    columns: wanted.map(({ name, type }) => ({ name, type, ...profileColumn(connection, table.name, name, job) })),
  };
}

function findColumn<Column extends { readonly name: string }>(
  columns: readonly Column[],
  name: string,
  table: TableObject,
): Column {
  const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new JobError(
    "INVALID_PARAMS",
    `table ${JSON.stringify(table.name)} has no column ${JSON.stringify(name.slice(0, 128))}.`,
    "Call describe_table for its columns.",
  );
}

/** A view is never counted beyond the sample: it may have no end. */
function countTable(connection: Connection, table: TableObject, sampleRows: number): { rows: number; exact: boolean } {
  const limit = table.type === "view" ? sampleRows : countLimit;
  const source = `SELECT 1 FROM ${quoted(table.name)} LIMIT ?`;
  const rows = Number(connection.row(`SELECT count(*) FROM (${source})`, BigInt(limit + 1))?.[0]);
  if (rows <= limit) return { rows, exact: true };
  return { rows: Math.max(limit, estimate(connection, table)), exact: false };
}

/** What ANALYZE noted down, else the highest rowid. */
function estimate(connection: Connection, { name, type, withoutRowid }: TableObject): number {
  const hasStatistics = connection.row("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'") !== undefined;
  if (hasStatistics) {
    const [line] = connection.row("SELECT stat FROM sqlite_stat1 WHERE tbl = ? LIMIT 1", name) ?? [];
    const rows = Number.parseInt(String(line), 10);
    if (rows > 0) return rows;
  }
  if (type !== "table" || withoutRowid) return 0;
  const [highest] = connection.row(`SELECT max(_rowid_) FROM ${quoted(name)}`) ?? [];
  return typeof highest === "bigint" ? Number(highest) : 0;
}

function profileColumn(
  connection: Connection,
  table: string,
  column: string,
  { sampleRows, maxCell }: JobOf<"profile_table">,
): Omit<ProfileTableAnswer["columns"][number], "name" | "type"> {
  const sample = `(SELECT ${quoted(column)} AS v FROM ${quoted(table)} LIMIT ?)`;
  const limit = BigInt(sampleRows);
  const totals = `SELECT count(*) - count(v), count(DISTINCT v), min(v), max(v) FROM ${sample}`;
  const [nulls, distinct, min, max] = connection.row(totals, limit) ?? [];
  const frequent = connection.rows(
    `SELECT v, count(*) FROM ${sample} WHERE v IS NOT NULL GROUP BY v ORDER BY 2 DESC, 1 LIMIT ${topValues}`,
    limit,
  );
  return {
    nulls: Number(nulls),
    distinct: Number(distinct),
    min: encodeCell(min, maxCell),
    max: encodeCell(max, maxCell),
    top: frequent.map(([value, count]) => ({ value: encodeCell(value, maxCell), count: Number(count) })),
  };
}

function encodeCell(value: unknown, cell: number): JsonCell {
  const limits = { rows: 1, bytes: Number.POSITIVE_INFINITY, cell, offset: 0 };
  return encodeRows([[value]], () => [], limits).rows[0]?.[0] ?? null;
}
