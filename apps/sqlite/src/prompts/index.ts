import { completable, type McpServer, type SetupContext } from "@bothways/kit";
import { z } from "zod";
import type { SqliteOptions } from "../options.ts";
import { completeDatabase, completeTable } from "../resources/completions.ts";
import type { Sqlite } from "../sqlite.ts";
import { analyzeTable, demo, designSchema, optimizeQuery } from "./texts.ts";

type Context = SetupContext<Sqlite, SqliteOptions>;

/** Registers the prompts; names and arguments of `mcp-demo` are those of the former reference server. */
export function registerPrompts(mcp: McpServer, context: Context): void {
  const schemas = schemasFor(context);
  mcp.registerPrompt(
    "mcp-demo",
    { title: "Demo", description: "A guided tour of the database tools on a topic.", argsSchema: schemas.demo },
    ({ topic }) => asUser(demo(topic)),
  );
  mcp.registerPrompt(
    "analyze-table",
    { title: "Analyze a table", description: "What a table holds and what stands out.", argsSchema: schemas.analyze },
    ({ table, database }) => asUser(analyzeTable(table, database)),
  );
  mcp.registerPrompt(
    "optimize-query",
    { title: "Optimize a query", description: "Why a query is slow and what helps.", argsSchema: schemas.optimize },
    ({ query }) => asUser(optimizeQuery(query)),
  );
  mcp.registerPrompt(
    "design-schema",
    { title: "Design a schema", description: "Tables for a purpose, step by step.", argsSchema: schemas.design },
    ({ description }) => asUser(designSchema(description)),
  );
}

type Schemas = ReturnType<typeof createSchemas>;

const known = new WeakMap<SqliteOptions, Schemas>();

/** Once per served configuration: `setup` runs for every connection, and building schemas costs more than the rest. */
function schemasFor(context: Context): Schemas {
  const schemas = known.get(context.options) ?? createSchemas(() => context.resources());
  known.set(context.options, schemas);
  return schemas;
}

function createSchemas(resources: () => Promise<Sqlite>) {
  // The SDK looks for the completion below the optional.
  const database = completable(z.string().describe("Name from list_databases."), async (prefix) =>
    completeDatabase(await resources(), prefix),
  ).optional();
  const table = completable(z.string().min(1).describe("Table or view."), async (prefix, given) =>
    completeTable(await resources(), prefix, given?.arguments?.["database"]),
  );
  return {
    demo: z.object({ topic: z.string().min(1).describe("What the example data is about.") }),
    analyze: z.object({ database, table }),
    optimize: z.object({ query: z.string().min(1).describe("The SQL to look at.") }),
    design: z.object({ description: z.string().min(1).describe("What the database is for.") }),
  };
}

function asUser(text: string) {
  return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
}
