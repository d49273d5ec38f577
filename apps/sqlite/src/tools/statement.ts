import { FailureError } from "@bothways/kit";
import type { Params } from "../engine/protocol.ts";
import { type Admitted, gate, type SqlUse } from "../sql/gate.ts";
import type { RowLimits } from "../sql/values.ts";
import type { Sqlite } from "../sqlite.ts";

/**
 * Lets a statement through or ends the call.
 *
 * @throws {FailureError} with the gate's code.
 */
export function admit(sql: string, use: SqlUse, { options }: Pick<Sqlite, "options">): Admitted {
  const answer = gate(sql, use, options.maxSql);
  if (answer.kind === "refused") throw new FailureError(answer.code, answer.sentence, answer.next);
  return answer;
}

/** Values of a call on their way to the engine, which checks them. */
export function paramsOf(value: unknown): Params | undefined {
  return value as Params | undefined; // It came as JSON; `bindingsFor` refuses what is neither array nor object.
}

/** How much one answer may hold; a call without a limit gets 200 rows. */
export function limitsOf({ options }: Pick<Sqlite, "options">, rows = 200, offset = 0): RowLimits {
  return { rows: Math.min(rows, options.maxRows), offset, bytes: options.maxBytes, cell: options.maxCell };
}

/** The ceiling of one write call; a call can only lower the server's. 0 means none. */
export function ceilingOf({ options }: Pick<Sqlite, "options">, given: number | undefined): number {
  if (given === undefined) return options.maxAffectedRows;
  return options.maxAffectedRows === 0 ? given : Math.min(given, options.maxAffectedRows);
}
