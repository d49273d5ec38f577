import { bindingsFor, driverArguments } from "../../sql/params.ts";
import { encodeRows } from "../../sql/values.ts";
import type { CheckStatementAnswer, JobOf, QueryAnswer } from "../protocol.ts";
import type { JobContext } from "../task.ts";

/** Runs one read statement and encodes its rows under the caps of the job. */
export function runQuery({ connection }: JobContext, job: JobOf<"query">): QueryAnswer {
  const started = performance.now();
  const statement = connection.statement(job.explained === true ? "explained" : "read", job.sql);
  const values = driverArguments(bindingsFor(job.sql, job.params));
  const encoded = encodeRows(statement.iterate(...values), () => statement.columns(), job.limits);
  return { ...encoded, elapsed_ms: Math.round((performance.now() - started) * 1000) / 1000 };
}

/** Prepares a statement and forgets it; mistakes come out as the error they would be at run time. */
export function checkStatement({ connection }: JobContext, job: JobOf<"check_statement">): CheckStatementAnswer {
  connection.statement(job.access, job.sql);
  return { ok: true };
}
