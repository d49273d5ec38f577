import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { CsvReader, type CsvRecord } from "../../sql/csv.ts";
import { assertInside, assertPlainPath, errorCode, fileFailure } from "../database-file.ts";
import { JobError } from "../job-error.ts";
import type { ImportCsvAnswer, JobOf } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { atomically, type Counters } from "./atomic.ts";
import { openTarget } from "./import-target.ts";
import { RowInserter } from "./row-inserter.ts";

type ImportCsvJob = JobOf<"import_csv">;

const maxReported = 100;
/** Checking the limit on changes costs a statement, so not every row pays it. */
const rowsPerCheck = 1000;

/** Ends the transaction of an import whose rejected lines are not to be skipped. */
class RejectedLines extends Error {}

/** Inserts the records of a CSV text or file in one transaction. */
export function importCsv(context: JobContext, job: ImportCsvJob): ImportCsvAnswer {
  const rejected: { line: number; reason: string }[] = [];
  let rejectedCount = 0;
  const reject = (line: number, reason: string): void => {
    rejectedCount += 1;
    if (rejected.length < maxReported) rejected.push({ line, reason });
  };
  const report = (rows: number, table: string, committed: boolean): ImportCsvAnswer => {
    // Lines that cannot be read are known before rows that the table refuses.
    rejected.sort((one, other) => one.line - other.line);
    return { rows_imported: rows, rejected, rejected_count: rejectedCount, table, committed };
  };
  try {
    const outcome = atomically(context, job, (step) => {
      const imported = insertRecords(context, job, reject, step);
      if (rejectedCount > 0 && !job.skipBadLines) throw new RejectedLines();
      return imported;
    });
    return report(outcome.result.rows, outcome.result.table, outcome.committed);
  } catch (error) {
    if (error instanceof RejectedLines) return report(0, job.table, false);
    throw error;
  }
}

function insertRecords(
  context: JobContext,
  job: ImportCsvJob,
  reject: (line: number, reason: string) => void,
  step: () => Counters,
): { rows: number; table: string } {
  const records = readRecords(context, job);
  let checked = 0;
  try {
    const { table, columns, first } = openTarget(context.connection, job, records);
    const inserter = new RowInserter(context.connection, { table, columns }, reject);
    for (const record of first) inserter.add(record);
    for (const record of records) {
      inserter.add(record);
      if (inserter.inserted >= checked + rowsPerCheck) {
        checked = inserter.inserted;
        step();
      }
    }
    inserter.flush();
    step();
    return { rows: inserter.inserted, table };
  } finally {
    // Closes the file also when the target is refused before the first record.
    records.return(undefined);
  }
}

function* readRecords(context: JobContext, { source, delimiter }: ImportCsvJob): Generator<CsvRecord, undefined> {
  const reader = new CsvReader(delimiter);
  for (const text of "content" in source ? [source.content] : readText(context, source.file)) {
    yield* reader.push(text);
  }
  const last = reader.end();
  if (last !== undefined) yield last;
}

function* readText({ settings, assertNotOpen }: JobContext, file: string): Generator<string> {
  const path = importPath(settings.importDir, file);
  assertNotOpen(path);
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw notAFile();
    const decoder = new StringDecoder("utf8");
    const chunk = Buffer.allocUnsafe(256 * 1024);
    for (;;) {
      const read = readSync(descriptor, chunk, 0, chunk.length, null);
      if (read === 0) break;
      yield decoder.write(chunk.subarray(0, read));
    }
    yield decoder.end();
  } finally {
    closeSync(descriptor);
  }
}

function importPath(directory: string | null, file: string): string {
  if (directory === null) {
    throw new JobError("PATH_DENIED", "the server was started without --import-dir.", "Send the text as content.");
  }
  assertPlainPath(file);
  let path: string;
  try {
    path = realpathSync.native(resolve(directory, file));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") throw notAFile();
    throw fileFailure(error);
  }
  assertInside(path, directory);
  return path;
}

function notAFile(): JobError {
  return new JobError("PATH_DENIED", "there is no such file in the import directory.", "Check the path of the file.");
}
