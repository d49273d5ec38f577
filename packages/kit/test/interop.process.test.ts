import { expect, it, vi } from "vitest";
import { type ClientKind, connectInterop, type Wire } from "./fixtures/interop-clients.ts";

/** Every client over every wire it can speak, and the revision they must agree on. */
const matrix: readonly (readonly [ClientKind, Wire, string])[] = [
  ["v1", "stdio", "2025"],
  ["v1", "http", "2025"],
  ["v1", "stateless", "2025"],
  ["v1", "sse", "2025"],
  ["v2 legacy", "stdio", "2025-11-25"],
  ["v2 legacy", "http", "2025-11-25"],
  ["v2 legacy", "stateless", "2025-11-25"],
  ["v2 legacy", "sse", "2025-11-25"],
  ["v2 auto", "stdio", "2026-07-28"],
  ["v2 auto", "http", "2026-07-28"],
  ["v2 auto", "stateless", "2026-07-28"],
  ["v2 pinned", "stdio", "2026-07-28"],
  ["v2 pinned", "http", "2026-07-28"],
];
const hasState = matrix.filter(([, wire, protocol]) => wire !== "stateless" || protocol === "2026-07-28");
const toolNames = ["echo", "count", "wait", "refuse", "confirm", "change", "write"];

it.each(matrix)("%s over %s agrees on %s, lists the tools and gets the same results", async (kind, wire, protocol) => {
  await using client = await connectInterop(kind, wire, "accept");

  const [tools, echoed, refused, bug] = await Promise.all([
    client.list(),
    client.call("echo", { text: "hi" }),
    client.call("refuse", { how: "thrown" }),
    client.call("refuse", { how: "bug" }),
  ]);

  expect(client.protocol).toBe(protocol);
  expect(tools.map(({ name }) => name)).toEqual(toolNames);
  expect(echoed).toMatchObject({ content: [{ type: "text", text: "hi" }], structuredContent: { text: "hi" } });
  expect(refused).toMatchObject({
    isError: true,
    content: [{ type: "text", text: "NOT_TODAY: Not today. Call echo instead." }],
    _meta: { "bothways/error": { code: "NOT_TODAY", day: "monday" } },
  });
  expect(bug.content[0]?.text).toMatch(/^INTERNAL: the call failed \(id [0-9a-f]{8}\)$/);
});

it.each(matrix)("%s over %s reads resources and prompts", async (kind, wire) => {
  await using client = await connectInterop(kind, wire, "accept");

  expect(await client.readResource("note://one")).toBe("note one");
  expect(await client.getPrompt("greet", { name: "Ada" })).toBe("Hello Ada");
});

it.each(matrix)("%s over %s sees progress in order before the result", async (kind, wire) => {
  await using client = await connectInterop(kind, wire, "accept");
  const seen: number[] = [];

  const result = await client.call("count", { to: 5, delayMs: 60 }, { onprogress: (step) => seen.push(step) });

  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(result.structuredContent).toEqual({ counted: 5 });
});

it.each(matrix)("%s over %s can cancel a call and go on", async (kind, wire) => {
  await using client = await connectInterop(kind, wire, "accept");
  const stop = new AbortController();
  const pending = client.call("wait", { ms: 30_000 }, { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);

  await expect(pending).rejects.toThrow();
  expect((await client.call("echo", { text: "still here" })).content[0]?.text).toBe("still here");
});

it.each(hasState)("%s over %s is asked, and its yes and its no arrive", async (kind, wire) => {
  await using yes = await connectInterop(kind, wire, "accept");
  await using no = await connectInterop(kind, wire, "decline");

  const [accepted, declined] = await Promise.all([
    yes.call("confirm", { what: "it" }),
    no.call("confirm", { what: "it" }),
  ]);

  expect(accepted.structuredContent).toEqual({ confirmed: true, asked: "it" });
  expect(declined.structuredContent).toEqual({ confirmed: false, asked: "it" });
});

it.each(["v1", "v2 legacy"] as const)("%s without a session is told that nobody can be asked", async (kind) => {
  await using client = await connectInterop(kind, "stateless", "accept");

  const result = await client.call("confirm", { what: "it" });

  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^CONFIRMATION_REQUIRED: /) }],
  });
});

it.each(hasState)("%s over %s hears of changed tools and of a resource it subscribed to", async (kind, wire) => {
  await using client = await connectInterop(kind, wire, "accept");
  await client.subscribe("note://one");

  await client.call("change", { what: "tools" });
  await client.call("change", { what: "note" });

  await vi.waitFor(() => expect(client.told.toSorted()).toEqual(["note://one", "tools"]), { timeout: 5000 });
});

it("gives two clients with equal ids their own answers in 100 parallel calls each", async () => {
  await using one = await connectInterop("v1", "http", "accept");
  await using two = await connectInterop("v2 auto", "http", "accept");
  const texts = Array.from({ length: 100 }, (_, index) => String(index));

  const [ofOne, ofTwo] = await Promise.all([
    Promise.all(texts.map((text) => one.call("echo", { text: `one ${text}` }))),
    Promise.all(texts.map((text) => two.call("echo", { text: `two ${text}` }))),
  ]);

  expect(ofOne.map(({ content }) => content[0]?.text)).toEqual(texts.map((text) => `one ${text}`));
  expect(ofTwo.map(({ content }) => content[0]?.text)).toEqual(texts.map((text) => `two ${text}`));
});

it("lists byte-identical tools to every client over every wire", async () => {
  const lists = await Promise.all(
    matrix.map(async ([kind, wire]) => {
      await using client = await connectInterop(kind, wire, "accept");
      return JSON.stringify(await client.list());
    }),
  );

  expect(new Set(lists).size).toBe(1);
});
