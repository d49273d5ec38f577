import type { Connection } from "../connection.ts";
import type { CheckDatabaseAnswer, JobOf } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { jsonInteger } from "./json-integer.ts";

const maxProblems = 100;

/** Runs SQLite's own checks on the whole file. */
export function checkDatabase({ connection }: JobContext, job: JobOf<"check_database">): CheckDatabaseAnswer {
  // The table-valued form would take the number for a table's name.
  const check = job.deep ? "integrity_check" : "quick_check";
  const lines = connection.rows(`PRAGMA ${check}(${maxProblems})`).map(([line]) => String(line));
  const problems = lines.length === 1 && lines[0] === "ok" ? [] : lines;
  const foreignKeys = foreignKeyProblems(connection);
  return {
    ok: problems.length === 0 && foreignKeys.length === 0,
    problems,
    foreign_key_problems: foreignKeys,
    page_count: Number(connection.row("SELECT * FROM pragma_page_count")?.[0]),
    free_pages: Number(connection.row("SELECT * FROM pragma_freelist_count")?.[0]),
  };
}

/** A key that points at a missing table or at columns without an index makes the check itself fail: it is a problem. */
function foreignKeyProblems(connection: Connection): CheckDatabaseAnswer["foreign_key_problems"] {
  const rows = connection.rows(
    `SELECT "table", rowid, parent, fkid FROM pragma_foreign_key_check LIMIT ${maxProblems}`,
  );
  return rows.map(([table, rowid, parent, key]) => ({
    table: String(table),
    rowid: typeof rowid === "bigint" ? jsonInteger(rowid) : null,
    parent: String(parent),
    foreign_key: Number(key),
  }));
}
