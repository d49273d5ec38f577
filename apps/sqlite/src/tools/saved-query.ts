import { defineTool, type Tool } from "@bothways/kit";
import { z } from "zod";
import type { Params } from "../engine/protocol.ts";
import type { SavedParam, SavedQuery } from "../sql/saved-queries.ts";
import type { Sqlite } from "../sqlite.ts";
import { changes, engineTimeoutMs, reads } from "./hints.ts";
import { rowsResult, rowsSchema } from "./rows.ts";
import { runWrite, writeSchema } from "./run-write.ts";
import { limitsOf } from "./statement.ts";

/** Makes a tool of a saved query: its parameters are the arguments, their values are always bound. */
export function savedQueryTool(query: SavedQuery): Tool<Sqlite> {
  const shape = Object.entries(query.params).map(([name, param]) => [name, schemaOf(param)] as const);
  const common = {
    name: query.name,
    title: query.title ?? query.name.replaceAll("_", " "),
    description: query.description,
    timeoutMs: engineTimeoutMs,
    inputSchema: z.object(Object.fromEntries(shape)),
  };
  return query.mode === "write" ? writeTool(query, common) : readTool(query, common);
}

interface Common {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly timeoutMs: number;
  readonly inputSchema: z.ZodObject;
}

function readTool({ sql, database, params: declared }: SavedQuery, common: Common): Tool<Sqlite> {
  return defineTool({
    ...common,
    annotations: reads,
    access: "read",
    outputSchema: rowsSchema,
    async run(input, sqlite: Sqlite, ctx) {
      // No argument to page with, so that nothing but the server's own limit cuts.
      const limits = limitsOf(sqlite, sqlite.options.maxRows);
      const params = valuesOf(declared, input);
      const answer = await sqlite.run<"query">({ kind: "query", database, sql, params, limits }, ctx);
      return rowsResult(answer, "json", 0, sqlite.options.maxBytes);
    },
  });
}

function writeTool({ sql, database, params: declared }: SavedQuery, common: Common): Tool<Sqlite> {
  return defineTool({
    ...common,
    annotations: changes,
    access: "write",
    singleUseState: true,
    outputSchema: writeSchema,
    run(input, sqlite: Sqlite, ctx) {
      const params = valuesOf(declared, input);
      const request = { sql, params, database, dryRun: false, maxAffectedRows: undefined, timeoutMs: undefined };
      return runWrite(request, sqlite, ctx);
    },
  });
}

function schemaOf(param: SavedParam): z.ZodType {
  const described = param.description === undefined ? kindOf(param) : kindOf(param).describe(param.description);
  if (param.default !== undefined) return described.nullable().default(param.default);
  return param.required === false ? described.nullable().optional() : described;
}

function kindOf({ type, enum: choices, minimum, maximum }: SavedParam): z.ZodType {
  if (choices !== undefined) return z.literal(choices);
  if (type === "string") return z.string();
  if (type === "boolean") return z.boolean();
  if (type === "blob") return z.base64();
  return bounded(type === "integer" ? z.number().int() : z.number(), minimum, maximum);
}

function bounded(number: z.ZodNumber, minimum: number | undefined, maximum: number | undefined): z.ZodNumber {
  const above = minimum === undefined ? number : number.min(minimum);
  return maximum === undefined ? above : above.max(maximum);
}

/** Every declared parameter has a value: NULL where the caller may leave it out and did. */
function valuesOf(declared: SavedQuery["params"], input: Readonly<Record<string, unknown>>): Params {
  const values = Object.entries(declared).map(([name, { type }]) => {
    const value = input[name] ?? null;
    return [name, type === "blob" && value !== null ? { $blob: value } : value] as const;
  });
  return Object.fromEntries(values) as Params; // Checked by the schema built from the same declaration.
}
