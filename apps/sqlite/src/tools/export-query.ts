import { defineTool } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { adds, engineTimeoutMs } from "./hints.ts";
import { database, params, query } from "./inputs.ts";
import { admit, paramsOf } from "./statement.ts";

const inputSchema = z.object({
  query: query.describe("SELECT, WITH or VALUES."),
  params,
  file_name: z.string().min(1).max(255).describe("Plain name of a file that does not exist yet."),
  format: z.enum(["csv", "json", "ndjson"]).default("csv"),
  database,
});

const mimeTypes = { csv: "text/csv", json: "application/json", ndjson: "application/x-ndjson" } as const;

export const exportQuery = defineTool({
  name: "export_query",
  title: "Export a query",
  description:
    "Writes all rows of a SELECT to a new file in the export directory. Use it for more rows than an answer holds.",
  annotations: adds,
  access: "write",
  timeoutMs: engineTimeoutMs,
  inputSchema,
  outputSchema: z.object({ file_name: z.string(), rows: z.number(), bytes: z.number(), sha256: z.string() }),
  async run(input, sqlite: Sqlite, ctx) {
    const { sql } = admit(input.query, "read", sqlite);
    const { database: name, format } = input;
    const job = {
      kind: "export_query",
      database: name,
      sql,
      params: paramsOf(input.params),
      fileName: input.file_name,
      format,
    } as const;
    const answer = await sqlite.run<"export_query">(job, ctx);
    const uri = sqlite.exports.add(ctx.principal?.id, answer.file_name);
    const link = {
      type: "resource_link",
      uri,
      name: answer.file_name,
      mimeType: mimeTypes[format],
      size: answer.bytes,
    } as const;
    return answered(answer, undefined, [link]);
  },
});
