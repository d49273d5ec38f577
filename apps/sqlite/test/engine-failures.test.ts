import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { JobError } from "../src/engine/job-error.ts";
import { sqlFailure } from "../src/engine/sqlite-failure.ts";

function shown(error: unknown): unknown {
  const cause = sqlFailure(error);
  return cause instanceof JobError ? `${cause.message} ${cause.failure.next}` : cause;
}

it.each([
  ["SQLITE_BUSY", "database is locked", /^BUSY: /],
  ["SQLITE_BUSY_SNAPSHOT", "database is locked", /^BUSY: /],
  ["SQLITE_BUSY_RECOVERY", "database is locked", /^BUSY: /],
  ["SQLITE_NOTADB", "file is not a database", /^NOT_A_DATABASE: /],
  ["SQLITE_NOMEM", "out of memory", /^MEMORY_LIMIT: /],
  ["SQLITE_READONLY_ROLLBACK", "attempt to write a readonly database", /^NEEDS_WRITER: /],
  ["SQLITE_READONLY_DIRECTORY", "attempt to write a readonly database", /--immutable\.$/],
  ["SQLITE_FULL", "database or disk is full", /--max-growth\.$/],
  [
    "SQLITE_CONSTRAINT_UNIQUE",
    "UNIQUE constraint failed: t.a",
    /^SQLITE_CONSTRAINT_UNIQUE: UNIQUE constraint failed: t\.a\. /,
  ],
  ["SQLITE_CORRUPT", "database disk image is malformed", /check_database/],
])("tells the caller what %s means", (code, message, expected) => {
  expect(shown(new Database.SqliteError(message, code))).toMatch(expected);
});

it.each([
  [new RangeError("The supplied SQL string contains more than one statement"), /^MULTIPLE_STATEMENTS: /],
  [new RangeError("The supplied SQL string contains no statements"), /^EMPTY_SQL: /],
  [new RangeError("Too few parameter values were provided"), /^INVALID_PARAMS: /],
  [Object.assign(new Error("ENOSPC: no space, write '/secret/x'"), { code: "ENOSPC" }), /^SQLITE_IOERR: .*ENOSPC/],
  [Object.assign(new Error("EACCES: denied, open '/secret/x'"), { code: "EACCES" }), /^PATH_DENIED: /],
])("turns %s into a failure without a path", (error, expected) => {
  expect(shown(error)).toMatch(expected);
  expect(shown(error)).not.toContain("/secret");
});

it("leaves our own bugs as they are", () => {
  const bug = new TypeError("x is not a function");

  expect(sqlFailure(bug)).toBe(bug);
});
