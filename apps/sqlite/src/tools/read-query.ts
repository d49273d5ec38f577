import { defineTool } from "@bothways/kit";
import { z } from "zod";
import { withoutAddress } from "../sql/explain.ts";
import type { JsonCell } from "../sql/values.ts";
import type { Sqlite } from "../sqlite.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database, params, query, timeoutMs } from "./inputs.ts";
import { rowsResult, rowsSchema } from "./rows.ts";
import { admit, limitsOf, paramsOf } from "./statement.ts";

const inputSchema = z.object({
  query: query.describe("SELECT, WITH, VALUES or EXPLAIN [QUERY PLAN]."),
  params,
  limit: z.number().int().min(1).optional().describe("Most rows; 200 unless given."),
  offset: z.number().int().min(0).default(0).describe("Rows to skip; next_offset of the last answer."),
  format: z.enum(["json", "objects", "csv", "markdown"]).default("json").describe("Form of the text only."),
  timeout_ms: timeoutMs,
  database,
});

export const readQuery = defineTool({
  name: "read_query",
  title: "Read query",
  description:
    "Rows of one SELECT statement; cannot change anything. " +
    "Call list_tables and describe_table first for names. Bind values with params.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema: rowsSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const { sql, explained } = admit(input.query, "read-or-explain", sqlite);
    const limits = limitsOf(sqlite, input.limit, input.offset);
    const job = {
      kind: "query",
      database: input.database,
      sql,
      params: paramsOf(input.params),
      explained,
      limits,
    } as const;
    const answer = await sqlite.run<"query">(job, ctx, input.timeout_ms);
    const shown = explained ? { ...answer, rows: answer.rows.map(withoutAddresses) } : answer;
    return rowsResult(shown, input.format, input.offset, sqlite.options.maxBytes);
  },
});

function withoutAddresses(row: readonly JsonCell[]): JsonCell[] {
  return row.map((cell) => (typeof cell === "string" ? withoutAddress(cell) : cell));
}
