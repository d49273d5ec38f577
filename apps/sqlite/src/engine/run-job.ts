import { JobError } from "./job-error.ts";
import { backupDatabase } from "./jobs/backup-database.ts";
import { checkDatabase } from "./jobs/check-database.ts";
import { ddl } from "./jobs/ddl.ts";
import { describeTable } from "./jobs/describe-table.ts";
import { explain } from "./jobs/explain.ts";
import { exportQuery } from "./jobs/export-query.ts";
import { importCsv } from "./jobs/import-csv.ts";
import { profileTable } from "./jobs/profile-table.ts";
import { checkStatement, runQuery } from "./jobs/query.ts";
import { databaseInfo, listTables, schemaText, schemaVersion, tableNames } from "./jobs/schema.ts";
import { tableNotFound } from "./jobs/schema-objects.ts";
import { searchSchema } from "./jobs/search-schema.ts";
import { transaction, write } from "./jobs/write.ts";
import type { Answers, JobKind } from "./protocol.ts";
import { sqlFailure } from "./sqlite-failure.ts";
import type { JobContext, Outcome, Task } from "./task.ts";

type Answer = Answers[JobKind] | null;

/** Runs one job on its connection; an expected failure comes back as an outcome, a bug is thrown. */
export async function runJob(context: JobContext, job: Task["job"]): Promise<Outcome> {
  try {
    if (job.kind === "backup_database") return { answer: await backupDatabase(context, job) };
    return { answer: answerTo(context, job.kind, job) };
  } catch (error) {
    const cause = sqlFailure(error);
    if (!(cause instanceof JobError)) throw cause;
    return { failure: withNearNames(context, cause).failure };
  } finally {
    const { connection } = context;
    if (connection.database.open && connection.database.inTransaction) connection.run("ROLLBACK");
  }
}

/** Jobs that answer without a turn of the event loop. */
type PlainKind = Exclude<Task["job"]["kind"], "backup_database">;
type PlainJobs = { readonly [Kind in PlainKind]: Extract<Task["job"], { kind: Kind }> };

const handlers: { readonly [Kind in PlainKind]: (context: JobContext, job: PlainJobs[Kind]) => Answer } = {
  query: runQuery,
  write,
  transaction,
  ddl,
  import_csv: importCsv,
  export_query: exportQuery,
  explain,
  check_statement: checkStatement,
  check_database: checkDatabase,
  schema_version: schemaVersion,
  database_info: databaseInfo,
  list_tables: inSnapshot(listTables),
  describe_table: inSnapshot(describeTable),
  search_schema: inSnapshot(searchSchema),
  schema_text: inSnapshot(schemaText),
  table_names: inSnapshot(tableNames),
  profile_table: inSnapshot(profileTable),
  recover: ({ connection }) => {
    // The first read of a writable connection rolls a hot journal back.
    connection.row("SELECT count(*) FROM sqlite_schema");
    return null;
  },
};

/** For jobs of several statements that must see one state of the database. */
function inSnapshot<Wanted>(handler: (context: JobContext, job: Wanted) => Answer) {
  return (context: JobContext, job: Wanted): Answer => context.connection.snapshot(() => handler(context, job));
}

function answerTo<Kind extends PlainKind>(context: JobContext, kind: Kind, job: PlainJobs[Kind]): Answer {
  return handlers[kind](context, job);
}

/** A statement that names a missing table gets the same help as a tool that does. */
function withNearNames({ connection }: JobContext, cause: JobError): JobError {
  const { code, sentence } = cause.failure;
  const missing = code === "SQLITE_ERROR" ? /no such table: (?:main\.)?(.+)\.$/s.exec(sentence)?.[1] : undefined;
  return missing === undefined ? cause : tableNotFound(connection, missing);
}
