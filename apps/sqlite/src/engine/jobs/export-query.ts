import { csvHeader, csvLine, jsonObject } from "../../sql/export-values.ts";
import { bindingsFor, driverArguments } from "../../sql/params.ts";
import { encodeRows } from "../../sql/values.ts";
import type { ExportQueryAnswer, JobOf } from "../protocol.ts";
import type { RowStatement } from "../statement-cache.ts";
import type { JobContext } from "../task.ts";
import { HashedWriter, newFilePath, publish } from "./new-file.ts";

type Format = ExportQueryJob["format"];
type ExportQueryJob = JobOf<"export_query">;

/** Writes every row of a read statement to a new file; nothing is shortened. */
export function exportQuery(context: JobContext, job: ExportQueryJob): ExportQueryAnswer {
  const { connection, settings, partialPath } = context;
  const path = newFilePath(settings.exportDir, job.fileName, "--export-dir");
  if (partialPath === null) throw new TypeError("an export needs a partial path");
  const statement = connection.statement("read", job.sql);
  const values = driverArguments(bindingsFor(job.sql, job.params));
  using writer = new HashedWriter(partialPath);
  const rows = writeRows(statement, values, job.format, writer);
  const made = writer.end();
  publish(partialPath, path);
  return { file_name: job.fileName, rows, ...made };
}

function writeRows(statement: RowStatement, values: unknown[], format: Format, writer: HashedWriter): number {
  let rows = 0;
  let names: readonly string[] = [];
  for (const row of statement.iterate(...values)) {
    if (rows === 0) {
      names = namesOf(statement);
      writer.write(opening(format, names));
    }
    if (format === "csv") writer.write(`${csvLine(row)}\r\n`);
    else if (format === "ndjson") writer.write(`${jsonObject(names, row)}\n`);
    else writer.write(`${rows === 0 ? "" : ","}\n${jsonObject(names, row)}`);
    rows += 1;
  }
  if (rows === 0) writer.write(opening(format, namesOf(statement)));
  if (format === "json") writer.write(rows === 0 ? "]\n" : "\n]\n");
  return rows;
}

function opening(format: Format, names: readonly string[]): string {
  if (format === "csv") return `${csvHeader(names)}\r\n`;
  return format === "json" ? "[" : "";
}

/** Unique names, as `read_query` shows them. */
function namesOf(statement: RowStatement): string[] {
  const limits = { rows: 0, bytes: 0, cell: 0, offset: 0 };
  return encodeRows([], () => statement.columns(), limits).columns.map(({ name }) => name);
}
