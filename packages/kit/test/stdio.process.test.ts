import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioClientTransportV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioClientTransportV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, it } from "vitest";
import { fixtureCommand, shakeHands, spawnFixture } from "./fixtures/stdio-process.ts";
import { call, initialize, initialized, modern } from "./fixtures/stdio-session.ts";

const [command = "", ...args] = fixtureCommand;
const identity = { name: "test", version: "1" };
const hi = { name: "echo", arguments: { text: "hi" } };

it("serves the SDK's v1 client", async () => {
  const client = new ClientV1(identity);
  await client.connect(new StdioClientTransportV1({ command, args, stderr: "ignore" }));

  const result = await client.callTool(hi);
  await client.close();

  expect(result).toMatchObject({ content: [{ text: "hi" }] });
});

it.each(["legacy", "auto", { pin: "2026-07-28" }] as const)("serves the SDK's v2 client in mode %j", async (mode) => {
  const client = new ClientV2(identity, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransportV2({ command, args, stderr: "ignore" }));

  const results = await Promise.all(Array.from({ length: 100 }, () => client.callTool(hi)));
  const { tools } = await client.listTools();
  await client.close();

  expect(results).toHaveLength(100);
  expect(results.every((result) => JSON.stringify(result.content).includes("hi"))).toBe(true);
  expect(tools.map(({ name }) => name)).toContain("noisy");
});

it("answers a single message that a shell pipes in without a line end", async () => {
  await using server = spawnFixture();

  server.stdin.end(JSON.stringify(initialize));

  expect(await server.exit).toBe(0);
  expect(server.lines).toHaveLength(1);
});

it("gives an open subscription its result when the input ends", async () => {
  await using server = spawnFixture();
  server.send(modern("listen", "subscriptions/listen", { notifications: { toolsListChanged: true } }));

  server.stdin.end();

  expect(await server.exit).toBe(0);
  expect(server.lines.map((line) => JSON.parse(line))).toMatchObject([
    { method: "notifications/subscriptions/acknowledged" },
    { id: "listen", result: { resultType: "complete" } },
  ]);
});

it("answers what it was sent before a signal came, although stdin stays open", async () => {
  await using server = spawnFixture();
  await shakeHands(server);
  server.send(...Array.from({ length: 20 }, (_, id) => call(id, "sleep", { ms: 100 })));

  server.child.kill("SIGTERM");

  expect(await server.exit).toBe(0);
  expect(server.lines).toHaveLength(21);
  expect(server.log()).toContain("ended signal unanswered=0");
});

it("ends quietly when its output is closed", async () => {
  await using server = spawnFixture();
  await shakeHands(server);
  await server.logged("ready");
  const before = server.log();

  server.stdout.destroy();
  server.send(call(1, "echo", { text: "hi" }), call(2, "sleep", { ms: 60_000 }));

  expect(await server.exit).toBe(0);
  expect(server.log().slice(before.length)).toBe("ended output-closed unanswered=1\n");
});

it("writes a large answer to the end before it exits", async () => {
  await using server = spawnFixture();
  server.send(initialize, initialized, call(1, "big", { megabytes: 8 }));

  server.stdin.end();

  expect(await server.exit).toBe(0);
  expect(server.lines.at(-1)).toHaveLength(
    8_000_000 + '{"result":{"content":[{"type":"text","text":""}]},"jsonrpc":"2.0","id":1}'.length,
  );
});
