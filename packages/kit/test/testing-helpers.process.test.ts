import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, expectCleanStdout, failAt, faultProxy, matrix, surface } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import { createEchoServer } from "./fixtures/echo-server.ts";

it("gives the same result over every wire and generation", async () => {
  const results = await matrix(createEchoServer(), {}, async (session) => {
    const { content, structuredContent } = await session.callTool("echo", { text: "hi" });
    return { content, text: Object.entries(structuredContent ?? {})[0]?.[1] };
  });

  expect([...results.keys()]).toEqual([
    "memory 2026",
    "memory 2025",
    "stdio 2026",
    "stdio 2025",
    "http 2026",
    "http 2025",
    "sse 2025",
  ]);
  for (const result of results.values())
    expect(result).toEqual({ content: [{ type: "text", text: "hi" }], text: "hi" });
});

it("reads the surface of a server, smaller when it may only read", async () => {
  const all = await surface(createEchoServer());
  const reading = await surface(createEchoServer(), { readOnly: true });

  expect([all.length, reading.length]).toEqual([7, 6]);
});

it("opens resources on the first call that needs them, once for many", async () => {
  const resources = { opened: 0, calls: 0, aborted: 0 };
  await using session = await connect(createEchoServer(resources));
  await session.client.listTools();
  const before = resources.opened;

  await Promise.all(Array.from({ length: 10 }, () => session.callTool("echo", { text: "x" })));

  expect([before, resources.opened]).toEqual([0, 1]);
});

it("names the first line of stdout that is no protocol message", () => {
  expect(() => expectCleanStdout(['{"jsonrpc":"2.0","id":1,"result":{}}', "hello"])).toThrow(/hello/);
});

it("fails the n-th call and no other", () => {
  const write = failAt((text: string) => text.length, 2, "ENOSPC");

  expect(write("one")).toBe(3);
  expect(() => write("two")).toThrow(/ENOSPC/);
  expect(write("four")).toBe(4);
});

it("slices, delays, cuts and swallows what passes a fault proxy", async () => {
  const server = createServer((_request, response) => response.end("x".repeat(2000)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await using proxy = await faultProxy((server.address() as AddressInfo).port, { slice: true, latencyMs: 5 });
  const get = () =>
    fetch(`http://127.0.0.1:${proxy.port}/`, { signal: AbortSignal.timeout(500) }).then((r) => r.text());

  expect((await get()).length).toBe(2000);
  proxy.faults = { resetAfter: 100 };
  await expect(get()).rejects.toThrow(/fetch failed|terminated/);
  proxy.faults = { blackHole: true };
  await expect(get()).rejects.toThrow(/timeout|aborted/);
  server.close();
  server.closeAllConnections();
});
