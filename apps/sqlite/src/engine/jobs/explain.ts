import { analyse, type Instruction, type PlanStep, type SchemaObject, withoutAddresses } from "../../sql/explain.ts";
import type { Connection } from "../connection.ts";
import type { ExplainAnswer, JobOf } from "../protocol.ts";
import type { JobContext } from "../task.ts";

/** Plans a statement without running it. */
export function explain({ connection }: JobContext, job: JobOf<"explain">): ExplainAnswer {
  const plan = explained<PlanStep>(connection, "EXPLAIN QUERY PLAN", job.sql);
  const bytecode = explained<Instruction>(connection, "EXPLAIN", job.sql);
  const objects = connection
    .rows("SELECT type, name, tbl_name, rootpage FROM sqlite_schema")
    .map(([type, name, table, page]): SchemaObject => {
      return { type: String(type), name: String(name), tbl_name: String(table), rootpage: Number(page ?? 0) };
    });
  return {
    plan: plan.map(({ id, parent, detail }) => ({ id, parent, detail })),
    ...analyse(job.sql, plan, bytecode, objects),
    ...(job.bytecode ? { bytecode: withoutAddresses(bytecode) } : {}),
  };
}

/** The driver binds nothing for `explain`, so that a statement can be planned without its parameters. */
function explained<Row>(connection: Connection, prefix: "EXPLAIN" | "EXPLAIN QUERY PLAN", sql: string): Row[] {
  // Checks the kind of the statement; what it returns needs parameters, hence the second way below.
  connection.statement("explained", `${prefix} ${sql}`);
  const { database } = connection;
  if (!canExplain<Row>(database)) throw new TypeError("this driver cannot explain");
  // It puts `EXPLAIN ` in front itself.
  return database.explain(prefix === "EXPLAIN" ? sql : `QUERY PLAN ${sql}`);
}

/** The method is missing in the driver's types. */
function canExplain<Row>(database: object): database is { explain(source: string): Row[] } {
  return "explain" in database && typeof database.explain === "function";
}
