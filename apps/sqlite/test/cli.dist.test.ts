import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, it } from "vitest";
import { createDatabase } from "./databases.ts";

const cli = fileURLToPath(new URL("../dist/cli.mjs", import.meta.url));

it("runs the built bin: engines start, saved queries are read", async () => {
  using database = createDatabase();
  const queries = join(database.directory, "queries.yaml");
  writeFileSync(queries, "queries: { total: { description: All orders., sql: select sum(total) from orders } }");
  const client = new Client({ name: "test", version: "1" });

  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [cli, database.path, "--queries", queries],
      stderr: "ignore",
    }),
  );
  const rows = await client.callTool({ name: "total", arguments: {} });
  const { tools } = await client.listTools();
  await client.close();

  expect(rows.structuredContent).toMatchObject({ rows: [[2100]] });
  expect(tools).toHaveLength(10);
});
