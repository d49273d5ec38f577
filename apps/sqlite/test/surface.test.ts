import { existsSync } from "node:fs";
import { surface } from "@bothways/kit/testing";
import type { Tool } from "@modelcontextprotocol/client";
import { expect, it } from "vitest";
import { server } from "../src/server.ts";
import * as catalogue from "../src/tools/index.ts";
import { createDatabase } from "./databases.ts";

async function listed(options: Record<string, unknown> = {}): Promise<Tool[]> {
  using database = createDatabase();
  // `surface` returns what `tools/list` answered.
  return (await surface(server, { options: { dbPath: database.path, ...options } })) as Tool[];
}

async function names(options: Record<string, unknown> = {}): Promise<string[]> {
  return (await listed(options)).map(({ name }) => name);
}

const reading = [
  "read_query",
  "list_tables",
  "describe_table",
  "append_insight",
  "explain_query",
  "search_schema",
  "list_databases",
  "profile_table",
  "check_database",
];

it("lists what a read-only server can do, in the order of the documentation", async () => {
  expect(await names()).toEqual(reading);
});

it("lists every tool of a server that may write, export and back up", async () => {
  using database = createDatabase();
  const options = { readWrite: true, exportDir: database.directory, backupDir: database.directory };

  expect(await names(options)).toEqual([
    "read_query",
    "write_query",
    "create_table",
    "list_tables",
    "describe_table",
    "append_insight",
    "explain_query",
    "search_schema",
    "list_databases",
    "profile_table",
    "execute_transaction",
    "alter_schema",
    "import_csv",
    "export_query",
    "check_database",
    "backup_database",
  ]);
});

it("exports and backs up without being able to write", async () => {
  using database = createDatabase();

  expect(await names({ exportDir: database.directory })).toEqual([
    ...reading.slice(0, 8),
    "export_query",
    "check_database",
  ]);
  expect(await names({ backupDir: database.directory })).toEqual([...reading, "backup_database"]);
});

it("keeps the six tools of the former reference server with their arguments", async () => {
  const tools = new Map((await listed({ readWrite: true })).map((tool) => [tool.name, tool.inputSchema]));

  expect(tools.get("read_query")?.required).toEqual(["query"]);
  expect(tools.get("write_query")?.required).toEqual(["query"]);
  expect(tools.get("create_table")?.required).toEqual(["query"]);
  expect(tools.get("list_tables")?.required ?? []).toEqual([]);
  expect(tools.get("describe_table")?.required).toEqual(["table_name"]);
  expect(tools.get("append_insight")?.required).toEqual(["insight"]);
});

it("has no database argument when there is one database", async () => {
  const tools = await listed({ readWrite: true });

  expect(tools.filter(({ inputSchema }) => "database" in (inputSchema.properties ?? {}))).toEqual([]);
});

it("takes a database by name when there are several", async () => {
  using other = createDatabase();
  const tools = await listed({ db: [`other=${other.path}`] });
  const without = tools.filter(({ inputSchema }) => !("database" in (inputSchema.properties ?? {})));

  expect(without.map(({ name }) => name)).toEqual(["append_insight", "list_databases"]);
  expect(tools[0]?.inputSchema.required).toEqual(["query"]);
});

it("needs a database by name when only directories are given", async () => {
  using other = createDatabase();
  const tools = await listed({ dbPath: undefined, allowDir: [other.directory] });

  expect(tools[0]?.inputSchema.required).toEqual(["query", "database"]);
});

it("fits the tools of a read-only server into 14 KB", async () => {
  const json = JSON.stringify({ tools: await listed() });

  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(14 * 1024);
});

it("changes no part of the wire surface unnoticed", async () => {
  using database = createDatabase();
  const options = { readWrite: true, exportDir: database.directory, backupDir: database.directory };

  const tools = JSON.stringify(await listed(options), null, 2);

  await expect(`${tools}\n`).toMatchFileSnapshot("__snapshots__/tools.json");
});

it.each(catalogue.tools.map((tool) => [tool.name, tool] as const))(
  "gives %s a file of its name, all four hints and a short description",
  (name, { annotations, description }) => {
    const file = new URL(`../src/tools/${name.replaceAll("_", "-")}.ts`, import.meta.url);

    expect(existsSync(file)).toBe(true);
    expect(Object.keys(annotations).toSorted()).toEqual([
      "destructiveHint",
      "idempotentHint",
      "openWorldHint",
      "readOnlyHint",
    ]);
    expect(annotations.openWorldHint).toBe(false);
    expect(description.length).toBeLessThanOrEqual(300);
  },
);

it.each([
  ["read_query", true, false, "read"],
  ["write_query", false, true, "write"],
  ["create_table", false, false, "write"],
  ["list_tables", true, false, "read"],
  ["describe_table", true, false, "read"],
  ["append_insight", false, false, "write"],
  ["explain_query", true, false, "read"],
  ["search_schema", true, false, "read"],
  ["list_databases", true, false, "read"],
  ["profile_table", true, false, "read"],
  ["execute_transaction", false, true, "write"],
  ["alter_schema", false, true, "admin"],
  ["import_csv", false, false, "write"],
  ["export_query", false, false, "write"],
  ["check_database", true, false, "admin"],
  ["backup_database", false, false, "admin"],
])("declares for %s: read-only %s, destructive %s, access %s", (name, readOnlyHint, destructiveHint, access) => {
  const tool = catalogue.tools.find((one) => one.name === name);

  expect(tool).toMatchObject({ access, annotations: { readOnlyHint, destructiveHint, idempotentHint: readOnlyHint } });
});

it("starts no engine to list tools", async () => {
  using database = createDatabase();
  const before = database.fingerprint();

  await surface(server, { options: { dbPath: database.path } });

  expect(database.fingerprint()).toBe(before);
});
