import { defineTool, type ToolContext } from "@bothways/kit";
import { z } from "zod";
import type { DdlJob, SchemaChange } from "../engine/protocol.ts";
import { keywordOf, tokenize } from "../sql/lexer.ts";
import type { Sqlite } from "../sqlite.ts";
import { answered } from "./answer.ts";
import { ask, type Consent, earlierConsent } from "./consent.ts";
import { changes, engineTimeoutMs } from "./hints.ts";
import { database, dryRun, query } from "./inputs.ts";
import { admit } from "./statement.ts";

const inputSchema = z.object({
  query: query.describe("CREATE INDEX, VIEW, TRIGGER or VIRTUAL TABLE; ALTER, DROP, REINDEX or ANALYZE."),
  dry_run: dryRun,
  database,
});

const outputSchema = z.object({
  schema_diff: z.array(
    z.object({
      change: z.enum(["added", "removed", "changed"]),
      type: z.string(),
      name: z.string(),
      sql_before: z.string().nullable(),
      sql_after: z.string().nullable(),
    }),
  ),
  committed: z.boolean(),
});

export const alterSchema = defineTool({
  name: "alter_schema",
  title: "Alter the schema",
  description: "Runs one statement that changes the schema and shows what changed. Try dry_run first.",
  annotations: changes,
  access: "admin",
  timeoutMs: engineTimeoutMs,
  singleUseState: true,
  inputSchema,
  outputSchema,
  async run(input, sqlite: Sqlite, ctx) {
    const { sql } = admit(input.query, "alter-schema", sqlite);
    const job: DdlJob = { kind: "ddl", database: input.database, sql, dryRun: input.dry_run };
    if (sqlite.options.confirm && !job.dryRun && drops(sql)) {
      const consent = earlierConsent(ctx) ?? (await consentFor(job, sqlite, ctx));
      if (consent.kind === "unanswered") return consent.result;
    }
    const answer = await sqlite.run<"ddl">(job, ctx);
    if (answer.committed) await sqlite.schemas.changed(sqlite.databaseName(job.database));
    return answered(answer);
  },
});

/** `DROP …` and `ALTER TABLE … DROP [COLUMN] …` */
function drops(sql: string): boolean {
  return tokenize(sql).some((token) => keywordOf(token) === "DROP");
}

async function consentFor(job: DdlJob, sqlite: Sqlite, ctx: ToolContext): Promise<Consent> {
  const { schema_diff: diff } = await sqlite.run<"ddl">({ ...job, dryRun: true }, ctx);
  if (diff.length === 0) return { kind: "granted", changes: 0 };
  const sentence = `This would change ${diff.length} schema ${diff.length === 1 ? "object" : "objects"} of database ${JSON.stringify(sqlite.databaseName(job.database))}: ${diff.slice(0, 10).map(describe).join(", ")}.`;
  return ask(ctx, { changes: diff.length, sentence, sql: job.sql });
}

function describe({ change, type, name }: SchemaChange): string {
  return `${type} ${JSON.stringify(name.slice(0, 64))} ${change}`;
}
