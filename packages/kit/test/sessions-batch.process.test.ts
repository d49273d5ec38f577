import { expect, it } from "vitest";
import { openHarness } from "./fixtures/sessions-harness.ts";
import { begin, initializeBody, messagesOf, toolCall } from "./fixtures/wire-client.ts";

const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

it("answers the batches of 2025-03-26, whole and in one array", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version: "2025-03-26" });

  const answer = await session.post([
    toolCall(1, "echo", { text: "a" }),
    initialized,
    toolCall("1", "echo", { text: "b" }),
  ]);

  expect(answer.headers["content-type"]).toBe("application/json");
  expect(JSON.parse(answer.text)).toMatchObject([
    { id: 1, result: { content: [{ text: "a" }] } },
    { id: "1", result: { content: [{ text: "b" }] } },
  ]);
});

it("streams a batch when something precedes a result, and ends after the last answer", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version: "2025-03-26" });

  const answer = await session.post([toolCall(1, "echo", { text: "a" }), toolCall(2, "progress", { count: 2 }, "t")]);

  expect(answer.headers["content-type"]).toBe("text/event-stream");
  const names = messagesOf(answer).map(({ id, method }) => method ?? String(id));
  expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual([
    "1",
    "2",
    "notifications/progress",
    "notifications/progress",
  ]);
});

it("takes a batch without requests with 202", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version: "2025-03-26" });

  expect(await session.post([initialized, initialized])).toMatchObject({ status: 202, text: "" });
});

it.each([
  ["2025-06-18", [list]],
  ["2025-11-25", [list]],
  ["2025-03-26", []],
  ["2025-03-26", Array.from({ length: 51 }, (_, id) => ({ ...list, id }))],
  ["2025-03-26", [list, list]],
  ["2025-03-26", [list, initializeBody()]],
  ["2025-03-26", [list, "text"]],
])("refuses in %s a batch it must not take", async (version, batch) => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version });

  const answer = await session.post(batch);

  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code: -32600 } });
});

it("answers a batch of fifty", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version: "2025-03-26" });

  const answer = await session.post(Array.from({ length: 50 }, (_, id) => toolCall(id, "echo", { text: String(id) })));

  expect(messagesOf(answer)).toHaveLength(50);
});
