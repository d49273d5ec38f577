import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { engineTimeoutMs, reads } from "./hints.ts";
import { database, params, query } from "./inputs.ts";
import { admit, paramsOf } from "./statement.ts";

const inputSchema = z.object({
  query: query.describe("A SELECT, or a write: it is not run."),
  params,
  bytecode: z.boolean().default(false).describe("Also the virtual machine's program."),
  database,
});

const names = z.array(z.string());

const outputSchema = z.object({
  plan: z.array(z.object({ id: z.number(), parent: z.number(), detail: z.string() })),
  full_scans: names,
  tables_read: names,
  tables_written: names,
  functions: names,
  suggestions: names,
  bytecode: z.array(z.looseObject({ addr: z.number(), opcode: z.string() })).optional(),
});

export const explainQuery = defineTool({
  name: "explain_query",
  title: "Explain a query",
  description:
    "Query plan, tables, functions and advice for one statement, without running it. " +
    "Use it when a query is slow or before a large write.",
  annotations: reads,
  access: "read",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const { sql } = admit(input.query, "plan", sqlite);
    const { database: name, bytecode } = input;
    const job = { kind: "explain", database: name, sql, params: paramsOf(input.params), bytecode } as const;
    return answered(await sqlite.run<"explain">(job, ctx));
  },
});
