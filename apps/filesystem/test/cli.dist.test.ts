import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectCleanStdout, type SpawnedServer, spawnServer } from "@bothways/kit/testing";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { expect, it } from "vitest";
import { initialize, olderNode, packagesOf, recorded, recording } from "../../../scripts/test/built-bin.ts";
import manifest from "../package.json" with { type: "json" };

const bin = fileURLToPath(new URL("../dist/cli.mjs", import.meta.url));
const source = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

function folderWithNote() {
  const folder = mkdtempDisposableSync(join(tmpdir(), "bothways-built-"));
  writeFileSync(join(folder.path, "note.txt"), "a note\n");
  return folder;
}

function start(args: readonly string[], flags: readonly string[] = [], script = bin): SpawnedServer {
  return spawnServer(process.execPath, { args: [...flags, script, ...args], env: process.env });
}

it("answers initialize with one line and ends with 0 when its input ends", async () => {
  using folder = folderWithNote();
  await using server = start([folder.path]);

  server.send(initialize);
  server.child.stdin.end();

  expect(await server.exited).toBe(0);
  expectCleanStdout(server.lines);
  expect(server.lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { id: 1, result: { serverInfo: { name: "bothways-filesystem" } } },
  ]);
});

it("says on an older Node in one sentence which one it needs, and exits with 2", async (test) => {
  const node = olderNode();
  if (node === undefined) return test.skip("no Node older than 22.13 on this machine");
  await using server = spawnServer(node, { args: [bin, "."], env: process.env });

  expect(await server.exited).toBe(2);
  expect(server.lines).toEqual([]);
  expect(server.errors()).toMatch(/^Bothways needs Node 22\.13 or newer; this is v[\d.]+\. Update Node and retry\.\n$/);
});

it("serves a client of 2024 over SSE and one of today over /mcp at once", async () => {
  using folder = folderWithNote();
  await using server = start([folder.path, "--transport", "sse", "--port", "0"]);
  await server.stderrHas("/mcp");
  const url = /url=(\S+)/.exec(server.errors())?.[1] ?? "";
  const old = new V1Client({ name: "old", version: "1" });
  const today = new Client({ name: "today", version: "1" }, { versionNegotiation: { mode: "auto" } });

  await old.connect(new SSEClientTransport(new URL("/sse", url)));
  await today.connect(new StreamableHTTPClientTransport(new URL(url)));
  const call = { name: "read_text_file", arguments: { path: "note.txt" } };
  const answers = [await old.callTool(call), await today.callTool(call)];

  expect(answers).toMatchObject([{ content: [{ text: "a note\n" }] }, { content: [{ text: "a note\n" }] }]);
  await Promise.all([old.close(), today.close()]);
  server.child.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(server.lines).toEqual([]);
});

it("loads nothing but itself and no socket to start over stdio", async () => {
  using folder = folderWithNote();
  await using server = start([folder.path], recording);

  server.send(initialize);
  server.child.stdin.end();
  await server.exited;

  const loaded = recorded(server.errors());
  expect(loaded).toContain(new URL("../dist/cli.mjs", import.meta.url).href);
  expect(packagesOf(loaded)).toEqual([]);
  for (const socket of ["node:http", "node:https", "node:net", "node:tls", "node:child_process"])
    expect(loaded).not.toContain(socket);
});

it("has these packages in what a stdio start loads", async () => {
  using folder = folderWithNote();
  await using server = start([folder.path], ["-C", "@bothways/source", ...recording], source);

  server.send(initialize);
  server.child.stdin.end();
  await server.exited;

  expect(packagesOf(recorded(server.errors()))).toEqual([
    "@modelcontextprotocol/core",
    "@modelcontextprotocol/server",
    "ignore",
    "picomatch",
    "zod",
  ]);
});

it("publishes one bin, one module and its manifest", () => {
  const { bin: bins, files, exports, publishConfig, engines } = manifest;

  expect({ bin: bins, files, exports, publishConfig, engines }).toEqual({
    bin: { "bothways-filesystem": "./dist/cli.mjs" },
    files: ["dist"],
    exports: {
      ".": {
        "@bothways/source": "./src/index.ts",
        types: "./dist/index.d.mts",
        default: "./dist/index.mjs",
      },
      "./package.json": "./package.json",
    },
    publishConfig: {
      access: "public",
      exports: {
        ".": { types: "./dist/index.d.mts", default: "./dist/index.mjs" },
        "./package.json": "./package.json",
      },
    },
    engines: { node: ">=22.13" },
  });
});

it("exports a definition that other programs can serve", async () => {
  const module: object = await import("@bothways/server-filesystem");

  expect(Object.keys(module)).toEqual(["server"]);
});
