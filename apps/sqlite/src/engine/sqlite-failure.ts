import Database from "better-sqlite3";
import { RowTooLargeError } from "../sql/values.ts";
import { fileFailure } from "./database-file.ts";
import { needsWriter } from "./failure-codes.ts";
import { JobError } from "./job-error.ts";

const nextByCode: Readonly<Record<string, string>> = {
  SQLITE_FULL: "Change fewer rows per call, or ask the operator for a larger --max-growth.",
  SQLITE_CONSTRAINT_FOREIGNKEY: "Nothing was committed; check the referenced rows with read_query.",
  SQLITE_READONLY: "The file is write-protected; ask the operator to change that.",
  SQLITE_READONLY_DIRECTORY: "A WAL database needs a writable directory; the operator can start with --immutable.",
  SQLITE_READONLY_CANTINIT: "A WAL database needs a writable directory; the operator can start with --immutable.",
  SQLITE_CANTOPEN: "Check that the file and its directory are accessible; for a read-only mount use --immutable.",
  SQLITE_CORRUPT: "Call check_database to see what is damaged.",
  SQLITE_TOOBIG: "Select less of it, for example with substr().",
};

/** What an exception inside a job means to the caller; exceptions that are our own bugs come back as they are. */
export function sqlFailure(error: unknown): unknown {
  if (error instanceof JobError) return error;
  if (error instanceof Database.SqliteError) return failureOf(error.code, error.message);
  if (error instanceof RowTooLargeError) {
    return new JobError(
      "ROW_TOO_LARGE",
      "one row alone is larger than a call may return.",
      "Select fewer columns, or shorten them with substr().",
    );
  }
  if (error instanceof RangeError || error instanceof TypeError) return driverFailure(error);
  return fileFailure(error);
}

function failureOf(code: string, message: string): JobError {
  if (code.startsWith("SQLITE_BUSY")) {
    return new JobError("BUSY", "another process holds a lock on the database.", "Repeat the call in a moment.");
  }
  if (code === "SQLITE_READONLY_ROLLBACK" || code === "SQLITE_READONLY_RECOVERY") {
    return new JobError(needsWriter, "a crashed writer left the database in need of recovery.", "");
  }
  if (code === "SQLITE_NOTADB") {
    return new JobError("NOT_A_DATABASE", `SQLite says: ${message}.`, "Use a SQLite database file.");
  }
  if (code === "SQLITE_NOMEM") {
    return new JobError("MEMORY_LIMIT", "the statement ran out of memory.", "Ask for less at once.");
  }
  return new JobError(
    code,
    `${message}.`,
    nextByCode[code] ?? "Correct the statement; describe_table shows the columns.",
  );
}

/** The driver reports mistakes in SQL and parameters as plain errors without a code. */
function driverFailure(error: RangeError | TypeError): unknown {
  const { message } = error;
  if (message.includes("more than one statement")) {
    return new JobError("MULTIPLE_STATEMENTS", "only one statement per call is allowed.", "Send them one by one.");
  }
  if (message.includes("contains no statements")) {
    return new JobError("EMPTY_SQL", "there is no statement.", "Send one SQL statement.");
  }
  if (/parameter/.test(message)) {
    return new JobError("INVALID_PARAMS", `${message}.`, "Give one value per parameter of the statement.");
  }
  return error;
}
