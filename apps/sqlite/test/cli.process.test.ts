import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type SpawnedServer, spawnServer } from "@bothways/kit/testing";
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport as SseV1 } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

let database: TestDatabase;

beforeAll(() => {
  database = createDatabase();
  writeFileSync(join(database.directory, "notes.txt"), "no database at all");
  writeFileSync(join(database.directory, "bad.yaml"), "queries: { a: { description: x, sql: delete from orders } }");
  writeFileSync(
    join(database.directory, "gone.yaml"),
    "queries: { a: { description: x, sql: select * from nowhere } }",
  );
});
afterAll(() => database[Symbol.dispose]());

function start(...args: string[]): SpawnedServer {
  return spawnServer(process.execPath, { args: ["-C", "@bothways/source", cli, ...args], cwd: database.directory });
}

it("shows every option in --help", async () => {
  await using server = start("--help");

  expect(await server.exited).toBe(0);
  const help = server.lines.join("\n");
  const flags = [
    ..."db-path db allow-dir read-write create immutable query-timeout max-rows max-bytes max-cell max-sql".split(" "),
    ..."max-memory max-growth busy-timeout max-affected-rows readers max-queue confirm queries".split(" "),
    ..."import-dir export-dir backup-dir show-paths".split(" "),
  ];
  expect(flags.filter((flag) => !help.includes(`--${flag}`))).toEqual([]);
  expect(help).toContain("BOTHWAYS_SQLITE_READ_WRITE");
});

it.each([
  [["shop.db", "--read-wirte"], 2, "--read-write"],
  [[], 2, "--allow-dir"],
  [["missing.db"], 2, "--db-path"],
  [["notes.txt"], 2, "--db-path"],
  [["."], 2, "--db-path"],
  [[":memory:"], 2, "--db-path"],
  [["file:shop.db"], 2, "--db-path"],
  [["shop.db "], 2, "--db-path"],
  [["--db", "shop.db"], 2, "--db"],
  [["--db", "a=shop.db", "--db", "a=shop.db"], 2, "--db"],
  [["--allow-dir", "missing"], 2, "--allow-dir"],
  [["shop.db", "--create"], 2, "--read-write"],
  [["shop.db", "--read-write", "--immutable"], 2, "--immutable"],
  [["shop.db", "--export-dir", "notes.txt"], 2, "--export-dir"],
  [["shop.db", "--queries", "missing.yaml"], 2, "--queries"],
  [["shop.db", "--queries", "bad.yaml"], 2, "--queries: a"],
  [["shop.db", "--queries", "gone.yaml"], 2, "no such table: nowhere"],
  [["shop.db", "--readers", "99"], 2, "--readers"],
])("refuses to start with %j and names the flag", async (args, code, flag) => {
  const before = database.fingerprint();
  await using server = start(...args);
  server.child.stdin.end();

  expect(await server.exited).toBe(code);
  expect(server.errors()).toContain(flag);
  expect(server.errors()).not.toContain("    at ");
  expect(server.lines).toEqual([]);
  expect(database.fingerprint()).toBe(before);
});

/** A connected client, as far as the comparison needs it; the two SDKs share no types. */
interface Caller {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<Record<string, unknown>>;
  listTools(): Promise<{ tools: unknown }>;
  close(): Promise<void>;
}

async function connectV2(transport: Parameters<Client["connect"]>[0]): Promise<Caller> {
  const client = new Client({ name: "test", version: "2" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  return client;
}

async function connectV1(transport: Parameters<ClientV1["connect"]>[0]): Promise<Caller> {
  const client = new ClientV1({ name: "test", version: "1" });
  await client.connect(transport);
  return client;
}

it("gives the same result over stdio, Streamable HTTP and SSE, to clients of either generation", async () => {
  await using http = start("shop.db", "--transport", "sse", "--port", "0");
  await http.stderrHas("url=");
  const url = new URL(/url=(\S+)/.exec(http.errors())?.[1] ?? "");
  const sse = new URL("/sse", url);
  const spawn = {
    command: process.execPath,
    args: ["-C", "@bothways/source", cli, "shop.db"],
    cwd: database.directory,
  };
  const call = {
    name: "read_query",
    arguments: { query: "SELECT 9007199254740993 AS n, 9e999, x'00ff', 'a' || char(0)" },
  };
  const missing = { name: "describe_table", arguments: { table_name: "nope" } };

  const results: string[] = [];
  for (const connected of [
    connectV2(new StdioClientTransport({ ...spawn, stderr: "ignore" })),
    connectV2(new StreamableHTTPClientTransport(url)),
    connectV2(new SSEClientTransport(sse)),
    connectV1(new StdioV1({ ...spawn, stderr: "ignore" })),
    connectV1(new HttpV1(url)),
    connectV1(new SseV1(sse)),
  ]) {
    const client = await connected;
    const [good, bad, { tools }] = [
      await client.callTool(call),
      await client.callTool(missing),
      await client.listTools(),
    ];
    const { elapsed_ms: _, ...data } = Object(good["structuredContent"]);
    results.push(JSON.stringify([good["content"], data, bad["content"], bad["isError"], tools]));
    await client.close();
  }

  expect(results[0]).toContain("9007199254740993");
  expect(results[0]).toContain("TABLE_NOT_FOUND");
  expect(new Set(results).size).toBe(1);
});

it("answers what it was asked before its input ended, and leaves no process behind", async () => {
  await using server = start("shop.db");
  const initialize = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };

  server.send({ jsonrpc: "2.0", id: 1, method: "initialize", params: initialize });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  server.send({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "list_tables", arguments: {} } });
  server.child.stdin.end();

  expect(await server.exited).toBe(0);
  const answers = server.lines.map((line) => JSON.parse(line) as { id: number; result: unknown });
  expect(answers.map(({ id }) => id)).toEqual([1, 2]);
  expect(JSON.stringify(answers[1]?.result)).toContain("customers");
});
