import {
  callerOf,
  FailureError,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
  type SetupContext,
} from "@bothways/kit";
import type { SqliteOptions } from "../options.ts";
import type { Caller, Sqlite } from "../sqlite.ts";
import { completeDatabase, completeTable } from "./completions.ts";
import { readExport } from "./read-export.ts";
import { decoded, exportTemplate, memoUri, schemaTemplate, schemaUri, tableTemplate } from "./uris.ts";

type Context = SetupContext<Sqlite, SqliteOptions>;

const maxSchemaBytes = 256 * 1024;

/** Registers the memo, the schema and table templates and, where files can be exported, the exported files. */
export function registerResources(mcp: McpServer, context: Context): void {
  registerMemo(mcp, context);
  registerSchema(mcp, context);
  registerTable(mcp, context);
  if (context.options.exportDir !== undefined) registerExports(mcp, context, context.options.exportDir);
}

function registerMemo(mcp: McpServer, context: Context): void {
  const description = "Findings added with append_insight, one line each.";
  const metadata = { title: "Insights", description, mimeType: "text/plain" };
  mcp.registerResource("insights", memoUri, metadata, async (uri, sdk) => {
    const { memos } = await context.resources();
    return text(uri, "text/plain", memos.text(callerIn(sdk, context).principal?.id));
  });
}

function registerSchema(mcp: McpServer, context: Context): void {
  const template = new ResourceTemplate(schemaTemplate, {
    list: async () => {
      const { databases } = await (await context.resources()).engines.list(1000);
      return {
        resources: databases.map(({ name }) => ({
          uri: schemaUri(name),
          name: `${name} schema`,
          mimeType: "text/plain",
        })),
      };
    },
    complete: { database: async (prefix) => completeDatabase(await context.resources(), prefix) },
  });
  const metadata = { title: "Schema", description: "The DDL of a database.", mimeType: "text/plain" };
  mcp.registerResource("schema", template, metadata, (uri, variables, sdk) =>
    answer(uri, async () => {
      const database = nameIn(variables["database"], uri);
      const sqlite = await context.resources();
      const job = { kind: "schema_text", database, maxBytes: maxSchemaBytes } as const;
      return text(uri, "text/plain", (await sqlite.run<"schema_text">(job, callerIn(sdk, context))).text);
    }),
  );
}

function registerTable(mcp: McpServer, context: Context): void {
  const template = new ResourceTemplate(tableTemplate, {
    list: undefined,
    complete: {
      database: async (prefix) => completeDatabase(await context.resources(), prefix),
      table: async (prefix, given) => completeTable(await context.resources(), prefix, given?.arguments?.["database"]),
    },
  });
  const metadata = { title: "Table", description: "What describe_table returns.", mimeType: "application/json" };
  mcp.registerResource("table", template, metadata, (uri, variables, sdk) =>
    answer(uri, async () => {
      const [database, table] = [nameIn(variables["database"], uri), nameIn(variables["table"], uri)];
      const sqlite = await context.resources();
      const job = { kind: "describe_table", database, table } as const;
      const described = await sqlite.run<"describe_table">(job, callerIn(sdk, context));
      return text(uri, "application/json", JSON.stringify(described));
    }),
  );
}

function registerExports(mcp: McpServer, context: Context, exportDir: string): void {
  const template = new ResourceTemplate(exportTemplate, { list: undefined });
  const metadata = { title: "Exported file", description: "A file you wrote with export_query, up to 1 MiB." };
  mcp.registerResource("export", template, metadata, async (uri, variables, sdk) => {
    const fileName = nameIn(variables["file_name"], uri);
    const { exports } = await context.resources();
    const known = exports.has(callerIn(sdk, context).principal?.id, fileName);
    const content = known ? await readExport(exportDir, fileName) : undefined;
    if (content === undefined) throw new ResourceNotFoundError(uri.href);
    return text(uri, "text/plain", content);
  });
}

/** One protocol object may serve many callers, so that the request says who asks. */
function callerIn(sdk: ServerContext, context: Context): Caller {
  const principal = callerOf(sdk.http?.authInfo).principal ?? context.principal;
  return { signal: sdk.mcpReq.signal, ...(principal && { principal }) };
}

function nameIn(variable: string | string[] | undefined, uri: URL): string {
  const name = typeof variable === "string" ? decoded(variable) : undefined;
  if (name === undefined) throw new ResourceNotFoundError(uri.href);
  return name;
}

/** Expected failures become protocol errors: a resource read has no other way to fail. */
async function answer(uri: URL, read: () => Promise<ReadResourceResult>): Promise<ReadResourceResult> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { code, sentence, next } = error.failure;
    if (code === "TABLE_NOT_FOUND" || code === "DATABASE_NOT_FOUND") throw new ResourceNotFoundError(uri.href);
    throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${sentence} ${next}`);
  }
}

function text(uri: URL, mimeType: string, content: string): ReadResourceResult {
  return { contents: [{ uri: uri.href, mimeType, text: content }] };
}
