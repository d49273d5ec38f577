import { expect, it } from "vitest";
import { openHarness } from "./fixtures/sessions-harness.ts";
import { begin, messagesOf, OpenStream, send, toolCall } from "./fixtures/wire-client.ts";

it("sends a comment on a silent stream every keep-alive interval", async () => {
  await using harness = await openHarness({ keepaliveMs: 40 });
  const session = await begin(harness.url, { version: "2025-06-18" });
  const stream = await session.listen();
  const started = performance.now();

  const comments = [await stream.next(), await stream.next(), await stream.next()];

  expect(comments).toEqual([{ comment: "keep-alive" }, { comment: "keep-alive" }, { comment: "keep-alive" }]);
  expect(performance.now() - started).toBeGreaterThan(80);
  stream.drop();
});

it("coalesces progress for a reader that is slow and still delivers the last of it and the result", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const response = await send(
    harness.url,
    "POST",
    toolCall(1, "progress", { count: 1000, size: 40_000, name: "sent" }, "token"),
    session.headers,
    true,
  );
  response.pause();
  await harness.servers.gate.entered("sent");
  harness.servers.gate.open("sent");
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  response.pause();

  const messages = await new OpenStream(response).rest();

  expect(messages.at(-2)).toMatchObject({ params: { progressToken: "token", progress: 1000 } });
  expect(messages.at(-1)).toMatchObject({ id: 1, result: {} });
  // 40 MB were sent; beyond the queue only the buffers of the two sockets lie between.
  expect(bytes).toBeLessThan(16_000_000);
});

it("holds 200 MB of progress for a reader that does not read in less than 32 MB", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const body = toolCall(1, "progress", { count: 2000, size: 100_000, name: "sent" }, "token");
  const before = process.memoryUsage();

  const response = await send(harness.url, "POST", body, session.headers, true);
  response.pause();
  await harness.servers.gate.entered("sent");

  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(32_000_000);
  response.destroy();
  harness.servers.gate.open("sent");
});

it("cuts the stream of a reader that leaves more than 4 MiB unread, finishes the call and keeps the result", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const body = toolCall(1, "log", { count: 1500, size: 40_000, name: "logged" });
  const response = await send(harness.url, "POST", body, session.headers, true);
  const prime = await firstLine(response);
  response.pause();
  await harness.servers.gate.entered("logged");
  const cut = Promise.withResolvers<void>();
  response.once("close", cut.resolve);
  response.on("error", () => {});
  response.resume();
  await cut.promise;
  harness.servers.gate.open("logged");

  const resumed = await session.listen(prime.replace("id: ", ""));

  expect(response.complete).toBe(false);
  expect((await resumed.rest()).at(-1)).toMatchObject({ id: 1, result: { content: [{ text: "done" }] } });
});

it("cuts a reader that has not taken a burst of more than 4 MiB after two seconds", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const body = toolCall(1, "log", { count: 11, size: 1_000_000, name: "logged" });
  const response = await send(harness.url, "POST", body, session.headers, true);
  response.pause();
  await harness.servers.gate.entered("logged");
  const started = performance.now();
  expect(harness.answering()).toBe(1);

  await expect.poll(() => harness.answering(), { timeout: 4000 }).toBe(0);

  expect(performance.now() - started).toBeGreaterThan(1500);
  response.destroy();
});

it("cuts nobody off for a burst that a reader takes in time", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const answer = await session.post(toolCall(1, "log", { count: 200, size: 40_000 }));

  expect(messagesOf(answer)).toHaveLength(201);
});

function firstLine(response: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => response.once("data", (chunk) => resolve(String(chunk).split("\n")[0] ?? "")));
}
