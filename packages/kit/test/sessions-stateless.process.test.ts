import { expect, it } from "vitest";
import { openHarness } from "./fixtures/sessions-harness.ts";
import {
  type Answer,
  acceptBoth,
  exchange,
  initializeBody,
  messagesOf,
  send,
  toolCall,
} from "./fixtures/wire-client.ts";

const headers = { accept: acceptBoth, "mcp-protocol-version": "2025-11-25" };

function post(url: string, body: unknown, more: Record<string, string> = {}): Promise<Answer> {
  return exchange(url, "POST", body, { ...headers, ...more });
}

it("answers initialize without a session id", async () => {
  await using harness = await openHarness({ mode: "stateless" });

  const answer = await post(harness.url, initializeBody("2025-06-18"));

  expect(answer.headers["mcp-session-id"]).toBeUndefined();
  expect(messagesOf(answer)).toMatchObject([{ id: "init", result: { protocolVersion: "2025-06-18" } }]);
});

it("serves calls of any client with one server, and keeps none of the servers it throws away", async () => {
  await using harness = await openHarness({ mode: "stateless" });
  const setLevel = { jsonrpc: "2.0", id: 1, method: "logging/setLevel", params: { level: "error" } };

  for (let id = 0; id < 20; id += 1) await post(harness.url, toolCall(id, "echo", { text: "x" }));
  await post(harness.url, initializeBody());
  await post(harness.url, setLevel);

  expect(harness.servers.built).toBe(3);
  expect(harness.servers.live.size).toBe(1);
});

it("lets no client's log level reach another", async () => {
  await using harness = await openHarness({ mode: "stateless" });
  const setLevel = { jsonrpc: "2.0", id: 1, method: "logging/setLevel", params: { level: "emergency" } };

  const level = await post(harness.url, setLevel);
  const logged = await post(harness.url, toolCall(2, "log", { count: 1 }));

  expect(messagesOf(level)).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }]);
  expect(messagesOf(logged)).toMatchObject([{ method: "notifications/message" }, { id: 2, result: {} }]);
});

it("tells a hundred callers with equal ids apart", async () => {
  await using harness = await openHarness({ mode: "stateless" });

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, caller) =>
      post(harness.url, toolCall("same", "whoami"), { "x-test-principal": `p${caller}` }),
    ),
  );

  expect(answers.map((answer) => messagesOf(answer)[0]?.result?.content?.[0]?.text)).toEqual(
    Array.from({ length: 100 }, (_, caller) => `p${caller} same`),
  );
});

it("K15: runs a call to its end although the client disconnected", async () => {
  await using harness = await openHarness({ mode: "stateless" });
  const gone = await send(harness.url, "POST", toolCall(1, "wait", { name: "held" }), headers, true);

  gone.destroy();
  harness.servers.gate.open("held");

  await expect.poll(() => harness.servers.gate.finished).toEqual(["held"]);
  expect(harness.servers.gate.aborted).toEqual([]);
});

it("lets no client cancel another's call by its id", async () => {
  await using harness = await openHarness({ mode: "stateless" });
  const call = post(harness.url, toolCall(1, "wait", { name: "held" }));
  await harness.servers.gate.entered("held");

  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
  const answer = await post(harness.url, cancel);
  harness.servers.gate.open("held");

  expect(answer).toMatchObject({ status: 202, text: "" });
  expect(messagesOf(await call)).toMatchObject([{ id: 1, result: { content: [{ text: "done held" }] } }]);
});

it("streams what precedes a result, without event ids that nobody could resume", async () => {
  await using harness = await openHarness({ mode: "stateless" });

  const answer = await post(harness.url, toolCall(1, "progress", { count: 2 }, "token"));

  expect(answer.headers["content-type"]).toBe("text/event-stream");
  expect(answer.text).not.toContain("id: ");
  expect(messagesOf(answer).map(({ params, id }) => params?.["progressToken"] ?? id)).toEqual(["token", "token", 1]);
});

it("fails a tool that asks the client, instead of letting it wait", async () => {
  await using harness = await openHarness({ mode: "stateless" });

  const answers = await Promise.all([
    post(harness.url, toolCall(1, "ask")),
    post(harness.url, toolCall(2, "ask_directly")),
  ]);

  expect(answers.map((answer) => messagesOf(answer)[0]?.result?.["isError"])).toEqual([true, true]);
});

it("answers batches of clients that name 2025-03-26 or no revision, and refuses those of later ones", async () => {
  await using harness = await openHarness({ mode: "stateless" });
  const batch = [toolCall(1, "echo", { text: "a" }), toolCall(2, "echo", { text: "b" })];

  const named = await post(harness.url, batch, { "mcp-protocol-version": "2025-03-26" });
  const unnamed = await exchange(harness.url, "POST", batch, { accept: acceptBoth });
  const later = await post(harness.url, batch);

  expect([named.status, unnamed.status, later.status]).toEqual([200, 200, 400]);
  expect(messagesOf(named).map(({ id }) => id)).toEqual([1, 2]);
});

it.each([
  [{ accept: "application/json" }, 406],
  [{ "mcp-protocol-version": "1999-01-01" }, 400],
])("refuses %j", async (more, status) => {
  await using harness = await openHarness({ mode: "stateless" });

  expect((await post(harness.url, toolCall(1, "echo", { text: "x" }), more)).status).toBe(status);
});

it("drains by answering the calls in flight, and serves again after", async () => {
  await using harness = await openHarness({ mode: "stateless" });
  const call = post(harness.url, toolCall(1, "wait", { name: "held" }));
  await harness.servers.gate.entered("held");

  const drained = harness.stateless.drain();
  harness.servers.gate.open("held");

  expect(messagesOf(await call)).toMatchObject([{ id: 1, result: {} }]);
  await drained;
  expect(harness.servers.live.size).toBe(0);
  expect((await post(harness.url, toolCall(2, "echo", { text: "x" }))).status).toBe(200);
});
