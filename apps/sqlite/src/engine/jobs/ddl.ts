import type { Connection } from "../connection.ts";
import type { DdlAnswer, JobOf, SchemaChange } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { atomically } from "./atomic.ts";
import { textOrNull } from "./schema-objects.ts";

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

/** Runs one statement that changes the schema and says what became different. */
export function ddl(context: JobContext, job: JobOf<"ddl">): DdlAnswer {
  const { connection } = context;
  const outcome = atomically(context, { dryRun: job.dryRun, maxAffectedRows: 0 }, (step) => {
    const before = schemaOf(connection);
    connection.statement("ddl", job.sql).run();
    step();
    return difference(before, schemaOf(connection));
  });
  return { schema_diff: outcome.result, committed: outcome.committed };
}

function schemaOf(connection: Connection): Map<string, SchemaObject> {
  const rows = connection.rows("SELECT type, name, sql FROM sqlite_schema");
  return new Map(
    rows.map(([type, name, sql]) => [
      `${String(type)} ${String(name)}`,
      { type: String(type), name: String(name), sql: textOrNull(sql) },
    ]),
  );
}

function difference(
  before: ReadonlyMap<string, SchemaObject>,
  after: ReadonlyMap<string, SchemaObject>,
): SchemaChange[] {
  const changes: SchemaChange[] = [];
  for (const [key, { type, name, sql }] of before) {
    const now = after.get(key);
    if (now === undefined) changes.push({ change: "removed", type, name, sql_before: sql, sql_after: null });
    else if (now.sql !== sql) changes.push({ change: "changed", type, name, sql_before: sql, sql_after: now.sql });
  }
  for (const [key, { type, name, sql }] of after) {
    if (!before.has(key)) changes.push({ change: "added", type, name, sql_before: null, sql_after: sql });
  }
  return changes;
}
