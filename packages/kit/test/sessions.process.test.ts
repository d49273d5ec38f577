import fc from "fast-check";
import { expect, it } from "vitest";
import { openHarness } from "./fixtures/sessions-harness.ts";
import {
  acceptBoth,
  begin,
  exchange,
  initializeBody,
  messagesOf,
  toolCall,
  WireSession,
} from "./fixtures/wire-client.ts";

const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const notFound = '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}';

it("begins a session for initialize and names it with 192 random bits in visible ASCII", async () => {
  await using harness = await openHarness();

  const answers = await Promise.all(
    [1, 2].map(() => exchange(harness.url, "POST", initializeBody(), { accept: acceptBoth })),
  );

  const ids = answers.map(({ headers }) => String(headers["mcp-session-id"]));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(ids[0]).toMatch(/^[\w-]{32}$/);
  expect(ids[0]).not.toBe(ids[1]);
  expect(answers.map(messagesOf)).toMatchObject([
    [{ id: "init", result: { protocolVersion: "2025-11-25" } }],
    [{ id: "init", result: { protocolVersion: "2025-11-25" } }],
  ]);
});

it("puts the security headers on every answer and lets those of the edge stand", async () => {
  await using harness = await openHarness();

  const { headers } = await exchange(harness.url, "POST", initializeBody(), { accept: acceptBoth });

  expect(headers).toMatchObject({
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  });
});

it("never adopts a session id that the client invented", async () => {
  await using harness = await openHarness();

  const answer = await exchange(harness.url, "POST", initializeBody(), {
    accept: acceptBoth,
    "mcp-session-id": "mine",
  });

  expect(answer).toMatchObject({ status: 404, text: notFound });
  expect(harness.store.size).toBe(0);
});

it("refuses any other request without a session id", async () => {
  await using harness = await openHarness();

  const answers = await Promise.all([
    exchange(harness.url, "POST", list, { accept: acceptBoth }),
    exchange(harness.url, "POST", initialized, { accept: acceptBoth }),
    exchange(harness.url, "GET", undefined, { accept: "text/event-stream" }),
    exchange(harness.url, "DELETE"),
  ]);

  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ id: null, error: { code: -32000 } });
  }
});

it("answers unknown, deleted, expired and foreign ids with the same bytes, whatever the method", async () => {
  await using harness = await openHarness({ limits: { sessionMaxAgeMs: 300 } });
  const expired = await begin(harness.url);
  await expect.poll(() => harness.store.size).toBe(0);
  const deleted = await begin(harness.url);
  await deleted.end();
  const { id } = await begin(harness.url, { principal: "alice" });
  const clients = [
    expired,
    deleted,
    new WireSession(harness.url, id, { "x-test-principal": "bob" }),
    new WireSession(harness.url, id, {}),
    new WireSession(harness.url, "unknown", { "x-test-principal": "alice" }),
    new WireSession(harness.url, `${id}, ${id}`, { "x-test-principal": "alice" }),
  ];

  const answers = await Promise.all(
    clients.flatMap((client) => [
      client.post(list),
      client.post(initializeBody()),
      client.post(list, { accept: "text/plain", "mcp-protocol-version": "1999-01-01" }),
      exchange(harness.url, "GET", undefined, client.headers),
      client.end(),
    ]),
  );

  const shapes = answers.map(
    ({ status, text, headers: { date: _date, connection: _connection, "keep-alive": _alive, ...headers } }) =>
      JSON.stringify([status, text, headers]),
  );
  expect(new Set(shapes).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 404, text: notFound });
});

it("leaves a session alone when somebody else tries its id", async () => {
  await using harness = await openHarness();
  const alice = await begin(harness.url, { principal: "alice" });
  const bob = new WireSession(harness.url, alice.id, { "x-test-principal": "bob" });

  await Promise.all([bob.post(list), bob.end(), bob.post(initialized)]);

  expect(await alice.call(7, "whoami")).toMatchObject({ result: { content: [{ text: "alice 7" }] } });
});

it("refuses a second initialize in a session", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const answer = await session.post(initializeBody());

  expect(answer.status).toBe(400);
  expect(await session.call(1, "echo", { text: "alive" })).toMatchObject({ result: { content: [{ text: "alive" }] } });
});

it.each(["1999-01-01", "2026-07-28", "draft", ""])("refuses the protocol version %j", async (version) => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const headers = { "mcp-protocol-version": version };

  const answers = await Promise.all([
    session.post(list, headers),
    exchange(harness.url, "GET", undefined, { ...session.headers, ...headers }),
    exchange(harness.url, "DELETE", undefined, { ...session.headers, ...headers }),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
});

it.each([
  ["application/json", 406],
  ["text/event-stream", 406],
  ["text/html", 406],
  ["application/json, text/event-stream;q=0", 406],
  ["application/json;q=0.5, text/event-stream; charset=utf-8", 200],
  ["TEXT/*, application/*", 200],
  ["*/*", 200],
])("reads Accept %j of a POST as %i", async (accept, status) => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  expect((await session.post(list, { accept })).status).toBe(status);
  expect((await exchange(harness.url, "POST", initializeBody(), { accept })).status).toBe(status);
});

it.each([
  ["application/json, text/event-stream", "application/json"],
  ["application/json,text/event-stream", "application/json"],
  ["*/*", "application/json"],
  ["text/event-stream, application/json", "text/event-stream"],
  ["application/json;q=0.5, text/event-stream", "text/event-stream"],
  ["text/event-stream;q=0.5, application/json", "application/json"],
])("answers Accept %j in the form it likes better: %s", async (accept, form) => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const answer = await session.post(list, { accept });

  expect(answer.headers["content-type"]).toBe(form);
  expect(messagesOf(answer)).toMatchObject([{ id: 1, result: { tools: expect.any(Array) } }]);
});

it("refuses a GET whose client cannot read a stream", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const answer = await exchange(harness.url, "GET", undefined, { ...session.headers, accept: "application/json" });

  expect(answer.status).toBe(406);
});

it("answers a deleted session's DELETE with 200, its open stream with an end and its later use with 404", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const stream = await session.listen();

  const answer = await session.end();

  expect(answer).toMatchObject({ status: 200, text: "" });
  expect(await stream.rest()).toEqual([]);
  expect((await session.post(list)).status).toBe(404);
  expect(harness.servers.live.size).toBe(0);
});

it("takes notifications and the client's answers with 202 and no body", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const answers = await Promise.all([
    session.post(initialized),
    session.post({ jsonrpc: "2.0", id: 99, result: {} }),
    session.post({ jsonrpc: "2.0", id: 98, error: { code: -1, message: "no" } }),
  ]);

  for (const answer of answers) expect(answer).toMatchObject({ status: 202, text: "" });
});

it.each([
  [{ jsonrpc: "1.0", id: 1, method: "tools/list" }],
  [{ jsonrpc: "2.0", id: null, method: "tools/list" }],
  [{ jsonrpc: "2.0", id: 1.5, method: "tools/list" }],
  [{ jsonrpc: "2.0", id: 1, method: 5 }],
  [{ jsonrpc: "2.0", id: 1, method: "tools/list", params: [] }],
  [{ jsonrpc: "2.0", id: 1, method: "tools/list", extra: true }],
  [{ jsonrpc: "2.0", id: "x".repeat(257), method: "tools/list" }],
  [{}],
  ["text"],
  [null],
  [7],
])("refuses %j as a message", async (body) => {
  await using harness = await openHarness();
  const session = await begin(harness.url);

  const answer = await session.post(body);

  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toMatchObject({ id: null, error: { code: -32600 } });
});

it("keeps no session for an initialize that the protocol layer refuses", async () => {
  await using harness = await openHarness();

  const answer = await exchange(
    harness.url,
    "POST",
    { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 5 } },
    { accept: acceptBoth },
  );

  expect(JSON.parse(answer.text)).toMatchObject({ id: 1, error: {} });
  expect(answer.headers["mcp-session-id"]).toBeUndefined();
  expect([harness.store.size, harness.servers.live.size]).toEqual([0, 0]);
});

it("tells callers with equal ids apart", async () => {
  await using harness = await openHarness();
  const clients = await Promise.all(["alice", "bob"].map((principal) => begin(harness.url, { principal })));

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, id) => clients.map((client) => client.call(id, "whoami"))).flat(),
  );

  const texts = answers.map((answer) => answer?.result?.content?.[0]?.text);
  expect(texts).toEqual(Array.from({ length: 100 }, (_, id) => [`alice ${id}`, `bob ${id}`]).flat());
});

it("refuses a request id that is still in progress in the session", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const first = session.call(5, "wait", { name: "first" });
  await harness.servers.gate.entered("first");

  const answer = await session.post(toolCall(5, "echo", { text: "second" }));

  harness.servers.gate.open("first");
  expect(answer.status).toBe(400);
  expect(await first).toMatchObject({ id: 5, result: { content: [{ text: "done first" }] } });
});

it("aborts a cancelled call and lets its POST go without an answer", async () => {
  await using harness = await openHarness();
  const session = await begin(harness.url);
  const call = session.post(toolCall(5, "wait", { name: "held" }));
  await harness.servers.gate.entered("held");

  await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } });

  const answer = await call;
  expect(answer.text).not.toContain('"result"');
  expect(answer.text).not.toContain('"error"');
  expect(harness.servers.gate.aborted).toEqual(["held"]);
});

it.each(["sessions", "stateless"] as const)("survives whatever JSON a client sends (%s)", async (mode) => {
  await using harness = await openHarness({ mode });
  const session = mode === "sessions" ? await begin(harness.url, { version: "2025-03-26" }) : undefined;
  const headers = session?.headers ?? { accept: acceptBoth };
  const method = fc.constantFrom("tools/call", "tools/list", "ping", "initialize", "notifications/cancelled", "x");
  const message = fc.record(
    {
      jsonrpc: fc.constantFrom("2.0", "1.0"),
      id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
      method,
      params: fc.jsonValue(),
      result: fc.jsonValue(),
      error: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const bodies = fc.sample(fc.oneof(fc.jsonValue(), message, fc.array(message, { maxLength: 5 })), {
    numRuns: 300,
    seed: 7,
  });

  const answers = await Promise.all(bodies.map((body) => exchange(harness.url, "POST", body, headers)));

  expect(answers.filter(({ status }) => ![200, 202, 400].includes(status))).toEqual([]);
});
