import { expect, it } from "vitest";
import { openHarness } from "./fixtures/sessions-harness.ts";
import { begin, messagesOf, toolCall } from "./fixtures/wire-client.ts";

const listChanged = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

it("K9: flushes the headers of an idle stream at once", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version: "2025-06-18" });
  const started = performance.now();

  const stream = await session.listen();

  expect(performance.now() - started).toBeLessThan(200);
  expect(stream.status).toBe(200);
  expect(stream.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  stream.drop();
});

it("refuses a second listening stream while one is open, and leaves the first alone", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const first = await session.listen();

  const [second, third] = await Promise.all([session.listen(), session.listen()]);

  expect([second?.status, third?.status]).toEqual([409, 409]);
  await harness.servers.announce();
  expect(await first.message()).toMatchObject({ message: listChanged });
  first.drop();
});

it("K8: accepts the next GET at once when the old connection is gone", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const statuses: number[] = [];
  const started = performance.now();

  for (let round = 0; round < 20; round += 1) {
    const stream = await session.listen();
    statuses.push(stream.status);
    stream.drop();
  }

  expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  expect(performance.now() - started).toBeLessThan(2000);
});

it("K8: accepts one of the clients that reconnect before the old connection's end has arrived", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const old = await session.listen();
  const started = performance.now();
  const waiting = Promise.all([session.listen(), session.listen(), session.listen()]);
  await expect.poll(() => harness.listening(), { interval: 1 }).toBe(4);

  old.drop();

  const streams = await waiting;
  expect(streams.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
  expect(performance.now() - started).toBeLessThan(1000);
  for (const stream of streams) stream.drop();
});

it("answers with JSON when nothing precedes the result, with a stream when something does", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const quick = await session.post(toolCall(1, "echo", { text: "hi" }));
  const noisy = await session.post(toolCall(2, "progress", { count: 3 }, "token"));

  expect(quick.headers["content-type"]).toBe("application/json");
  expect(noisy.headers["content-type"]).toBe("text/event-stream");
  expect(messagesOf(noisy).map(({ params, id }) => params?.["progress"] ?? id)).toEqual([1, 2, 3, 2]);
});

it("begins a stream for a call that takes its time, so that keep-alive reaches the client", async () => {
  await using harness = await openHarness({ keepaliveMs: 30 });
  const session = await begin(harness.url);

  const stream = await session.stream(toolCall(1, "wait", { name: "slow" }));

  expect(await stream.next()).toMatchObject({ id: expect.stringMatching(/^[\w-]{16}\.0$/), data: "", retry: 1000 });
  expect(await stream.next()).toEqual({ comment: "keep-alive" });
  harness.servers.gate.open("slow");
  expect(await stream.message()).toMatchObject({ message: { id: 1, result: { content: [{ text: "done slow" }] } } });
  expect(await stream.next()).toBeUndefined();
});

it("primes no client of a revision that does not know events without data", async () => {
  await using harness = await openHarness({ keepaliveMs: 30 });
  const session = await begin(harness.url, { version: "2025-06-18" });

  const [stream, listening] = await Promise.all([
    session.stream(toolCall(1, "wait", { name: "slow" })),
    session.listen(),
  ]);

  expect(await stream.next()).toEqual({ comment: "keep-alive" });
  expect(await listening.next()).toEqual({ comment: "keep-alive" });
  stream.drop();
  listening.drop();
});

it("does not cancel a call whose client disconnects, and replays its result", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const lost = await session.stream(toolCall(1, "wait", { name: "held" }));
  const prime = await lost.next();
  lost.drop();
  harness.servers.gate.open("held");
  await expect.poll(() => harness.servers.gate.finished).toEqual(["held"]);

  const resumed = await session.listen(prime?.id);

  expect(await resumed.rest()).toMatchObject([{ id: 1, result: { content: [{ text: "done held" }] } }]);
  expect(harness.servers.gate.aborted).toEqual([]);
});

it("resumes a call that is still running, beside the open listening stream", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const listening = await session.listen();
  const lost = await session.stream(toolCall(1, "progress", { count: 3, name: "held" }, "token"));
  const prime = await lost.next();
  const first = await lost.message();
  lost.drop();

  const resumed = await session.listen(first.id);
  harness.servers.gate.open("held");

  // Of progress the latest is kept: it says all that the earlier said.
  expect(await resumed.rest()).toMatchObject([{ params: { progress: 3 } }, { id: 1, result: {} }]);
  const again = await session.listen(prime?.id);
  expect(await again.rest()).toMatchObject([{ params: { progress: 3 } }, { id: 1, result: {} }]);
  listening.drop();
});

it("lets no two connections read the answer of one call", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const reading = await session.stream(toolCall(1, "wait", { name: "held" }));
  const prime = await reading.next();

  const second = await session.listen(prime?.id);

  expect(second.status).toBe(409);
  harness.servers.gate.open("held");
  expect(await reading.rest()).toMatchObject([{ id: 1, result: {} }]);
});

it("closes a call's stream for a handler that asks for it and delivers the result to the client that comes back", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const polled = await session.stream(toolCall(1, "reconnect", { name: "held" }));

  const prime = await polled.next();
  expect(prime).toMatchObject({ data: "", retry: 1000 });
  expect(await polled.next()).toBeUndefined();
  const resumed = await session.listen(prime?.id);
  harness.servers.gate.open("held");
  expect(await resumed.rest()).toMatchObject([{ id: 1, result: { content: [{ text: "after the reconnect" }] } }]);
});

it("replays what the listening stream missed, once and to this session only", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const other = await begin(harness.url);
  const first = await session.listen();
  await harness.servers.announce();
  const { id } = await first.message();
  first.drop();
  await harness.servers.announce();
  await harness.servers.announce();

  const [resumed, foreign] = await Promise.all([session.listen(id), other.listen(id)]);
  await harness.servers.announce();

  const got = [await resumed.message(), await resumed.message(), await resumed.message()];
  expect(new Set([id, ...got.map((event) => event.id)]).size).toBe(4);
  expect(foreign.status).toBe(200);
  await foreign.message();
  await session.end();
  await other.end();
  expect([await resumed.rest(), await foreign.rest()]).toEqual([[], []]);
});

it("gives a client of an older revision what happened while it was away, although it has no event id", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { version: "2025-06-18" });
  (await session.listen()).drop();
  await expect.poll(() => harness.listening()).toBe(0);
  await harness.servers.announce();

  const second = await session.listen();
  const missed = await second.message();
  second.drop();
  const third = await session.listen();
  await session.end();

  expect(missed.message).toEqual(listChanged);
  expect(await third.rest()).toEqual([]);
});

it("answers fifty GETs beside an open stream with 409 and without a warning", async () => {
  await using harness = await openHarness();
  const warnings: unknown[] = [];
  process.on("warning", (warning) => warnings.push(warning));
  const session = await begin(harness.url);
  const stream = await session.listen();

  const others = await Promise.all(Array.from({ length: 50 }, () => session.listen()));

  expect(new Set(others.map(({ status }) => status))).toEqual(new Set([409]));
  expect(warnings).toEqual([]);
  stream.drop();
});

it.each(["nonsense", "AAAAAAAAAAAAAAAA.1", "-1", "AAAAAAAAAAAAAAAA.999999999999999999", "x".repeat(4000)])(
  "ignores the Last-Event-ID %j",
  async (lastEventId) => {
    await using harness = await openHarness();
    const session = await begin(harness.url);

    const stream = await session.listen(lastEventId);

    expect(stream.status).toBe(200);
    await harness.servers.announce();
    expect(await stream.message()).toMatchObject({ message: listChanged });
    stream.drop();
  },
);

it("forgets the stream of a cancelled call, so that its client does not come back for ever", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const listening = await session.listen();
  const stream = await session.stream(toolCall(1, "progress", { count: 1, name: "held" }, "token"));
  const prime = await stream.next();
  await stream.message();

  await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });

  expect(await stream.rest()).toEqual([]);
  expect((await session.listen(prime?.id)).status).toBe(409);
  listening.drop();
});

it("replays an error in place of a result that is too large to keep", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const lost = await session.stream(toolCall(1, "wait", { name: "held", size: 2_000_000 }));
  const prime = await lost.next();
  lost.drop();
  harness.servers.gate.open("held");
  await expect.poll(() => harness.servers.gate.finished).toEqual(["held"]);

  const resumed = await session.listen(prime?.id);

  const [answer] = await resumed.rest();
  expect(answer).toMatchObject({ id: 1, error: { message: expect.stringContaining("too large to keep") } });
});

it("asks the user on the stream of the call and takes the answer by POST", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { capabilities: { elicitation: { form: {} } } });

  const stream = await session.stream(toolCall(1, "ask"));
  const { message } = await stream.message();
  expect(message).toMatchObject({ method: "elicitation/create", params: { message: "Who are you?" } });
  const answer = await session.post({
    jsonrpc: "2.0",
    id: message.id,
    result: { action: "accept", content: { name: "Ada" } },
  });

  expect(answer).toMatchObject({ status: 202, text: "" });
  expect(await stream.rest()).toMatchObject([{ id: 1, result: { content: [{ text: "hello Ada" }] } }]);
});

it("keeps a question asked before the listening stream was open", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url, { capabilities: { roots: {} } });

  const stream = await session.listen();

  expect(await stream.message()).toMatchObject({ message: { method: "roots/list" } });
  stream.drop();
});

it("tells every open listening stream about a change once, and keeps it off the streams of calls", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const listening = await session.listen();
  const call = await session.stream(toolCall(1, "wait", { name: "held" }));

  await harness.servers.announce();
  harness.servers.gate.open("held");

  expect(await call.rest()).toMatchObject([{ id: 1 }]);
  await session.end();
  expect(await listening.rest()).toEqual([listChanged]);
});

it("drops what a call says after its result", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const listening = await session.listen();
  await session.call(1, "late", { name: "held" });

  harness.servers.gate.open("held");
  await expect.poll(() => harness.servers.gate.finished).toEqual(["held"]);
  await session.call(2, "echo", { text: "settled" });
  await session.end();

  expect(await listening.rest()).toEqual([]);
});
