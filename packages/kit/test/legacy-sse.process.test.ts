import { expect, it } from "vitest";
import { type Harness, openHarness } from "./fixtures/sessions-harness.ts";
import { type Answer, exchange, initializeBody, OpenStream, send, toolCall } from "./fixtures/wire-client.ts";

interface Connected {
  readonly stream: OpenStream;
  readonly endpoint: string;
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

async function connect(harness: Harness, path = "/sse", headers: Record<string, string> = {}): Promise<Connected> {
  const stream = new OpenStream(await send(`${harness.origin}${path}`, "GET", undefined, headers, true));
  const first = await stream.next();
  const endpoint = first?.data ?? "";
  expect(first?.event).toBe("endpoint");
  return {
    stream,
    endpoint,
    post: (body, more = headers) => exchange(`${harness.origin}${endpoint}`, "POST", body, more),
  };
}

it.each([
  ["/sse", /^\/message\?sessionId=[\w-]{32}$/],
  ["/mcp/sse", /^\/mcp\/message\?sessionId=[\w-]{32}$/],
])("names a relative endpoint under the prefix of %s as the first event", async (path, expected) => {
  await using harness = await openHarness();

  const { stream, endpoint } = await connect(harness, path);

  expect(endpoint).toMatch(expected);
  expect(stream.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  stream.drop();
});

it("takes a POST with 202 and answers on the stream only", async () => {
  await using harness = await openHarness();
  const { stream, post } = await connect(harness);

  const accepted = await post(initializeBody("2024-11-05"));
  await post({ jsonrpc: "2.0", method: "notifications/initialized" });
  await post(toolCall(7, "progress", { count: 1 }, "token"));

  expect(accepted).toMatchObject({ status: 202, text: "" });
  expect((await stream.message()).message).toMatchObject({ id: "init", result: { protocolVersion: "2024-11-05" } });
  expect((await stream.message()).message).toMatchObject({ method: "notifications/progress" });
  expect((await stream.message()).message).toMatchObject({ id: 7, result: { content: [{ text: "done" }] } });
  stream.drop();
});

it("refuses a POST without sessionId with 400 and one with an unknown or foreign id with the same 404", async () => {
  await using harness = await openHarness();
  const { stream, endpoint } = await connect(harness, "/sse", { "x-test-principal": "alice" });
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const post = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    exchange(`${harness.origin}${path}`, "POST", list, headers);

  const [missing, empty, twice] = await Promise.all([
    post("/message"),
    post("/message?sessionId="),
    post(`${endpoint}&sessionId=x`, { "x-test-principal": "alice" }),
  ]);
  const [unknown, foreign, anonymous] = await Promise.all([
    post("/message?sessionId=unknown", { "x-test-principal": "alice" }),
    post(endpoint, { "x-test-principal": "bob" }),
    post(endpoint),
  ]);

  expect([missing.status, empty.status, twice.status]).toEqual([400, 400, 400]);
  expect([unknown.status, foreign.status, anonymous.status]).toEqual([404, 404, 404]);
  expect(foreign.text).toBe(unknown.text);
  expect(anonymous.text).toBe(unknown.text);
  stream.drop();
});

it.each([[[]], [{}], ["text"], [[{ jsonrpc: "2.0", id: 1, method: "ping" }]]])(
  "refuses %j as a message",
  async (body) => {
    await using harness = await openHarness();
    const { stream, post } = await connect(harness);

    expect((await post(body)).status).toBe(400);
    stream.drop();
  },
);

it("K17: keeps a silent stream alive with comments", async () => {
  await using harness = await openHarness({ keepaliveMs: 30 });
  const { stream } = await connect(harness);

  expect([await stream.next(), await stream.next()]).toEqual([{ comment: "keep-alive" }, { comment: "keep-alive" }]);
  stream.drop();
});

it("K17: closes the session and aborts its calls within a second of the client's leaving", async () => {
  await using harness = await openHarness();
  const { stream, post } = await connect(harness);
  await post(toolCall(1, "wait", { name: "held" }));
  await harness.servers.gate.entered("held");

  stream.drop();

  await expect.poll(() => harness.servers.live.size, { timeout: 1000 }).toBe(0);
  expect(harness.store.size).toBe(0);
  expect(harness.servers.gate.aborted).toEqual(["held"]);
  expect((await post({ jsonrpc: "2.0", method: "notifications/initialized" })).status).toBe(404);
});

it("K17: expires an idle connection although its stream is open", async () => {
  await using harness = await openHarness({ limits: { sessionIdleMs: 300 } });
  const { stream } = await connect(harness);

  expect(await stream.rest()).toEqual([]);

  expect(harness.servers.live.size).toBe(0);
  expect(harness.log).toEqual(["debug: session closed reason=idle sessions=0\n"]);
});

it("K17: cuts a reader that leaves more than 4 MiB unread and closes its session", async () => {
  await using harness = await openHarness();
  const { stream, post } = await connect(harness);
  stream.pause();

  await post(toolCall(1, "log", { count: 1500, size: 40_000 }));

  await expect.poll(() => harness.store.size).toBe(0);
  stream.drop();
});

it("asks the user over the stream and takes the answer by POST", async () => {
  await using harness = await openHarness();
  const { stream, post } = await connect(harness);
  await post(initializeBody("2025-06-18", { elicitation: {} }));
  await stream.message();

  await post(toolCall(1, "ask"));
  const { message } = await stream.message();
  await post({ jsonrpc: "2.0", id: message.id, result: { action: "accept", content: { name: "Ada" } } });

  expect(message.method).toBe("elicitation/create");
  expect((await stream.message()).message).toMatchObject({ id: 1, result: { content: [{ text: "hello Ada" }] } });
  stream.drop();
});

it("drains by answering the calls in flight, then ends the streams properly", async () => {
  await using harness = await openHarness();
  const { stream, post } = await connect(harness);
  await post(toolCall(1, "wait", { name: "held" }));
  await post(toolCall(2, "wait", { name: "cancelled" }));
  await post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
  await harness.servers.gate.entered("held");

  const drained = harness.sse.drain();
  harness.servers.gate.open("held");

  expect(await stream.rest()).toMatchObject([{ id: 1, result: { content: [{ text: "done held" }] } }]);
  await drained;
  expect([harness.sse.openCount, harness.store.size]).toEqual([0, 0]);
});
