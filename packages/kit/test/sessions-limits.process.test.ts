import { expect, it } from "vitest";
import { openHarness } from "./fixtures/sessions-harness.ts";
import { acceptBoth, begin, exchange, initializeBody, OpenStream, send, toolCall } from "./fixtures/wire-client.ts";

const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

it("K10: closes an idle session, its transport and its open stream", async () => {
  await using harness = await openHarness({ limits: { sessionIdleMs: 300 } });
  const session = await begin(harness.url);
  const stream = await session.listen();
  const started = performance.now();

  expect(await stream.rest()).toEqual([]);

  expect(performance.now() - started).toBeLessThan(1000);
  expect(harness.servers.live.size).toBe(0);
  expect((await session.post(list)).status).toBe(404);
});

it("K10: keeps a session that is used, and one whose call takes longer than the idle limit", async () => {
  await using harness = await openHarness({ limits: { sessionIdleMs: 1000 } });
  const [used, busy] = await Promise.all([begin(harness.url), begin(harness.url)]);
  const call = busy.call(1, "wait", { name: "long" });
  const until = performance.now() + 2200;

  while (performance.now() < until) expect((await used.post({ ...list, id: performance.now() | 0 })).status).toBe(200);

  harness.servers.gate.open("long");
  expect(await call).toMatchObject({ result: { content: [{ text: "done long" }] } });
});

it("K10: closes a session at its age although it is used", async () => {
  await using harness = await openHarness({ limits: { sessionMaxAgeMs: 300 } });
  const session = await begin(harness.url);

  await expect.poll(async () => (await session.post(list)).status, { interval: 20 }).toBe(404);

  expect(harness.servers.live.size).toBe(0);
});

it("K10: refuses a session too many with 503 and Retry-After, and takes one again after a DELETE", async () => {
  await using harness = await openHarness({ limits: { maxSessions: 2 } });
  const [first] = await Promise.all([begin(harness.url), begin(harness.url)]);
  const initialize = (): ReturnType<typeof exchange> =>
    exchange(harness.url, "POST", initializeBody(), { accept: acceptBoth });

  const refused = await initialize();
  await first?.end();
  const accepted = await initialize();

  expect(refused.status).toBe(503);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
  expect(JSON.parse(refused.text)).toMatchObject({ id: null, error: { code: -32000 } });
  expect(accepted.status).toBe(200);
});

it("K10: counts HTTP+SSE connections and sessions together", async () => {
  await using harness = await openHarness({ limits: { maxSessions: 2 } });
  const stream = new OpenStream(await send(`${harness.origin}/sse`, "GET", undefined, {}, true));
  await begin(harness.url);

  const refused = await Promise.all([
    exchange(`${harness.origin}/sse`, "GET", undefined, {}),
    exchange(harness.url, "POST", initializeBody(), { accept: acceptBoth }),
  ]);

  expect(refused.map(({ status }) => status)).toEqual([503, 503]);
  stream.drop();
  await expect.poll(() => harness.store.size).toBe(1);
});

it("K10: bounds the sessions of one principal without touching others", async () => {
  await using harness = await openHarness({ limits: { maxSessionsPerPrincipal: 1 } });
  await begin(harness.url, { principal: "alice" });

  const again = await exchange(harness.url, "POST", initializeBody(), {
    accept: acceptBoth,
    "x-test-principal": "alice",
  });
  const other = await exchange(harness.url, "POST", initializeBody(), {
    accept: acceptBoth,
    "x-test-principal": "bob",
  });

  expect([again.status, other.status]).toEqual([503, 200]);
});

it("K11: drains by answering every call in flight, ending listening streams properly, then closing", async () => {
  await using harness = await openHarness();
  const sessions = await Promise.all(Array.from({ length: 20 }, () => begin(harness.url)));
  const streams = await Promise.all(sessions.map((session) => session.listen()));
  const calls = sessions.flatMap((session) =>
    Array.from({ length: 10 }, (_, id) => session.call(id, "wait", { name: "held" })),
  );
  await expect.poll(() => harness.servers.gate.begun).toBe(200);

  const drained = harness.sessions.drain();
  harness.servers.gate.open("held");

  const answers = await Promise.all(calls);
  await drained;
  expect(answers.filter((answer) => answer?.result)).toHaveLength(200);
  expect(await Promise.all(streams.map((stream) => stream.rest()))).toEqual(streams.map(() => []));
  expect([harness.sessions.openCount, harness.store.size, harness.servers.live.size]).toEqual([0, 0, 0]);
});

it("cuts what is still open when the drain deadline has passed", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const early = session.post(toolCall(1, "wait", { name: "for ever" }));
  await harness.servers.gate.entered("for ever");

  await harness.sessions.drain(100);

  expect((await early).text).not.toContain('"result"');
  expect(harness.servers.gate.aborted).toEqual(["for ever"]);
});

it("frees everything when the client of a session is told to go while a call is running", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const call = session.post(toolCall(1, "wait", { name: "running" }));
  await harness.servers.gate.entered("running");

  await session.end();

  expect((await call).text).not.toContain('"result"');
  expect(harness.servers.gate.aborted).toEqual(["running"]);
  expect([harness.store.size, harness.servers.live.size]).toEqual([0, 0]);
});
