import type { CsvRecord } from "../../sql/csv.ts";
import type { Connection } from "../connection.ts";
import { JobError } from "../job-error.ts";
import type { JobOf } from "../protocol.ts";
import { columnsOf } from "./describe-table.ts";
import { findTable, quoted } from "./schema-objects.ts";

/** Records looked at to choose the types of a new table. */
const typeSample = 1000;

/** Where records go. */
export interface ImportTarget {
  readonly table: string;
  readonly columns: readonly string[];
  /** Records that were read ahead. */
  readonly first: readonly CsvRecord[];
}

/**
 * Finds the table and its columns, or creates the table when the job says so.
 *
 * @throws {JobError} `TABLE_NOT_FOUND`, or `INVALID_PARAMS` for columns that do not fit the table.
 */
export function openTarget(
  connection: Connection,
  { table, header, create }: Pick<JobOf<"import_csv">, "table" | "header" | "create">,
  records: Iterator<CsvRecord>,
): ImportTarget {
  const names = header ? headerOf(records.next()) : undefined;
  return create ? createTable(connection, table, names, records) : existing(connection, table, names);
}

function headerOf({ value, done }: IteratorResult<CsvRecord>): string[] {
  if (done === true) throw misfit("the CSV is empty.");
  const { fields, problem } = value;
  if (problem !== undefined) throw misfit(`the header line cannot be read: ${problem}.`);
  const names = fields.map((field) => (field ?? "").trim());
  const seen = new Set<string>();
  for (const name of names) {
    if (name === "" || name.includes("\0")) throw misfit("a column of the header line has no name.");
    if (seen.has(name.toLowerCase())) throw misfit(`column ${shown(name)} is there twice.`);
    seen.add(name.toLowerCase());
  }
  return names;
}

function existing(connection: Connection, name: string, names: readonly string[] | undefined): ImportTarget {
  const table = findTable(connection, name).name;
  const writable = columnsOf(connection, table).filter(({ hidden, generated }) => !hidden && generated === null);
  if (names === undefined) return { table, columns: writable.map((column) => column.name), first: [] };
  const columns = names.map((wanted) => {
    const found = writable.find((column) => column.name.toLowerCase() === wanted.toLowerCase());
    if (found === undefined) throw misfit(`table ${shown(table)} has no column ${shown(wanted)}.`);
    return found.name;
  });
  return { table, columns, first: [] };
}

function createTable(
  connection: Connection,
  table: string,
  names: readonly string[] | undefined,
  records: Iterator<CsvRecord>,
): ImportTarget {
  const first: CsvRecord[] = [];
  while (first.length < typeSample) {
    const { value, done } = records.next();
    if (done === true) break;
    first.push(value);
  }
  const columns = names ?? (first[0]?.fields ?? []).map((_, index) => `column${index + 1}`);
  if (columns.length === 0) throw misfit("the CSV is empty.");
  if (table === "" || table.includes("\0")) throw misfit("the table has no name.");
  const definitions = columns.map((name, index) => `${quoted(name)} ${affinityOf(first, index)}`);
  connection.statement("ddl", `CREATE TABLE ${quoted(table)} (${definitions.join(", ")})`).run();
  return { table, columns, first };
}

/** Texts like `007` or `1e5` stay what they are unless every value of the column is written as a plain number. */
function affinityOf(records: readonly CsvRecord[], index: number): "INTEGER" | "REAL" | "TEXT" {
  const values = records.flatMap(({ fields }) => fields[index] ?? []);
  if (values.length === 0) return "TEXT";
  if (values.every((value) => /^(?:0|-?[1-9]\d{0,17})$/.test(value))) return "INTEGER";
  if (values.every((value) => /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(value))) return "REAL";
  return "TEXT";
}

function misfit(sentence: string): JobError {
  return new JobError("INVALID_PARAMS", sentence, "Compare the header line with describe_table, or set header.");
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 128));
}
