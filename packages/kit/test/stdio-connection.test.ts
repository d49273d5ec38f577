import { McpServer } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { createFixture } from "./fixtures/stdio-fixture.ts";
import {
  call,
  envelope,
  initialize,
  initialized,
  modern,
  openRawSession,
  type WireMessage,
} from "./fixtures/stdio-session.ts";

const ids = (messages: readonly WireMessage[]): unknown[] =>
  messages.map(({ id }) => id ?? null).toSorted((a, b) => String(a).localeCompare(String(b)));

it("K2: answers ten calls that are followed by the end of input at once, a thousand times", async () => {
  for (let round = 0; round < 1000; round += 1) {
    const session = openRawSession(createFixture());
    session.send(initialize, initialized);
    for (let id = 0; id < 10; id += 1) session.send(call(id, id % 2 === 0 ? "echo" : "sleep", { text: "hi", ms: 1 }));

    const received = await session.finish();

    expect(ids(received)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "init"]);
  }
}, 30_000);

it("answers everything although nothing but requests that need no handshake arrive", async () => {
  const session = openRawSession(createFixture());
  for (let id = 0; id < 300; id += 1) session.send({ jsonrpc: "2.0", id, method: "tools/list" });

  const received = await session.finish();

  expect(new Set(ids(received)).size).toBe(300);
});

it("answers a last line that no line feed ends", async () => {
  const session = openRawSession(createFixture());
  session.input.write(JSON.stringify(initialize));

  const received = await session.finish();

  expect(ids(received)).toEqual(["init"]);
  await expect(session.connection.closed).resolves.toBe("eof");
});

it("ends at once when nothing arrives at all", async () => {
  const session = openRawSession(createFixture());

  expect(await session.finish()).toEqual([]);
});

it("serves a 2025 client after its probe for the modern era, all in one write", async () => {
  const session = openRawSession(createFixture());
  session.send(modern("probe", "server/discover"), initialize, initialized, call(1, "echo", { text: "hi" }));

  const received = await session.finish();

  expect(ids(received)).toEqual([1, "init", "probe"]);
  expect(received.find(({ id }) => id === "init")?.result).toMatchObject({ protocolVersion: "2025-11-25" });
});

it("serves a modern client that probes, and one that does not", async () => {
  for (const opening of [[modern("probe", "server/discover")], []]) {
    const session = openRawSession(createFixture());
    session.send(...opening, modern(1, "tools/call", { name: "echo", arguments: { text: "hi" } }));

    const received = await session.finish();

    expect(received).toHaveLength(opening.length + 1);
    expect(received.at(-1)?.result).toMatchObject({ resultType: "complete", content: [{ text: "hi" }] });
  }
});

it("does not let a stray notification or response decide the era", async () => {
  const session = openRawSession(createFixture());
  session.send({ jsonrpc: "2.0", method: "notifications/whatever" }, initialized, {
    jsonrpc: "2.0",
    id: 1,
    result: {},
  });
  session.send(modern(1, "tools/call", { name: "echo", arguments: { text: "hi" } }));

  const received = await session.finish();

  expect(received).toHaveLength(1);
  expect(received[0]?.result).toMatchObject({ resultType: "complete" });
});

it("lets a probe be cancelled without taking that for the opening of an older client", async () => {
  const session = openRawSession(createFixture());
  session.send(modern(0, "server/discover"), {
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 0 },
  });
  session.send(modern(1, "tools/call", { name: "echo", arguments: { text: "hi" } }));

  const received = await session.finish();

  expect(received.at(-1)?.result).toMatchObject({ resultType: "complete" });
});

it("answers an older handshake on a modern connection with one error", async () => {
  const session = openRawSession(createFixture());
  session.send(modern(1, "tools/list"), initialize);

  const received = await session.finish();

  expect(ids(received)).toEqual([1, "init"]);
  expect(received.find(({ id }) => id === "init")?.error).toBeDefined();
});

it("answers a factory that fails with an error and tries again for the next request", async () => {
  let attempts = 0;
  const fixture = createFixture();
  const session = openRawSession((context) => {
    attempts += 1;
    if (attempts === 1) throw new Error("not yet");
    return fixture(context);
  });
  session.send(initialize, { ...initialize, id: "again" });

  const received = await session.finish();

  expect(received.find(({ id }) => id === "init")?.error).toMatchObject({ code: -32603 });
  expect(received.find(({ id }) => id === "again")?.result).toBeDefined();
});

it("acknowledges a subscription and gives it its result when the input ends", async () => {
  const session = openRawSession(createFixture());
  session.send(modern("listen", "subscriptions/listen", { notifications: { toolsListChanged: true } }));
  const started = performance.now();

  const received = await session.finish();

  expect(performance.now() - started).toBeLessThan(3000);
  expect(received.map(({ id, method }) => method ?? id)).toEqual([
    "notifications/subscriptions/acknowledged",
    "listen",
  ]);
  expect(session.connection.unanswered).toBe(0);
});

it("answers calls beside an open subscription, and a subscription that is refused", async () => {
  const session = openRawSession(createFixture());
  session.send(
    modern("listen", "subscriptions/listen", { notifications: { toolsListChanged: true } }),
    modern(1, "tools/call", { name: "sleep", arguments: { ms: 20 } }),
    modern("refused", "subscriptions/listen", {}),
  );

  const received = await session.finish();

  const answers = received.filter(({ method }) => method === undefined);
  expect(ids(answers)).toEqual([1, "listen", "refused"]);
  expect(answers.at(-1)?.id).toBe("listen");
  expect(answers.find(({ id }) => id === "refused")?.error).toMatchObject({ code: -32602 });
});

it.each(["legacy", "modern"])(
  "does not wait for a cancelled call of a %s client, and does not answer it",
  async (era) => {
    const session = openRawSession(createFixture());
    const begin =
      era === "legacy"
        ? call("slow", "sleep", { ms: 60_000 })
        : modern("slow", "tools/call", { name: "sleep", arguments: { ms: 60_000 } });
    if (era === "legacy") session.send(initialize, initialized);
    session.send(begin);
    session.send({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: "slow", ...(era === "modern" && { _meta: envelope }) },
    });

    const received = await session.finish();

    expect(ids(received)).not.toContain("slow");
    expect(session.connection.unanswered).toBe(0);
  },
);

it("answers every one of several requests that carry the same id", async () => {
  const session = openRawSession(createFixture());
  session.send(
    initialize,
    initialized,
    call(7, "sleep", { ms: 30 }),
    call(7, "sleep", { ms: 10 }),
    call(7, "echo", { text: "a" }),
  );

  const received = await session.finish();

  expect(ids(received)).toEqual([7, 7, 7, "init"]);
});

it("K14: never aborts the signal of a call that was answered", async () => {
  const log = { signals: [] as AbortSignal[] };
  const session = openRawSession(createFixture(log));
  session.send(initialize, initialized, call(1, "echo", { text: "a" }), call(2, "sleep", { ms: 5 }));

  await session.finish();

  expect(log.signals.map((signal) => signal.aborted)).toEqual([false, false]);
});

it("aborts and answers what is still running when the time is over", async () => {
  const log = { signals: [] as AbortSignal[] };
  const session = openRawSession(createFixture(log), { shutdownTimeoutMs: 50 });
  session.send(initialize, initialized, call(1, "sleep", { ms: 60_000 }));

  const received = await session.finish();

  expect(received.find(({ id }) => id === 1)?.error).toMatchObject({ code: -32000 });
  expect(session.connection.unanswered).toBe(1);
  expect(log.signals[0]?.aborted).toBe(true);
});

it("ends a call that waits for the client as soon as the client cannot answer any more", async () => {
  const session = openRawSession(createFixture());
  session.send(initialize, initialized, call(1, "ask"));
  await session.message(({ method }) => method === "elicitation/create");

  const received = await session.finish();

  expect(received.find(({ id }) => id === 1)?.result).toMatchObject({ isError: true });
});

it("hands the client's answer to the call that asked, and ignores answers nobody asked for", async () => {
  const errors: Error[] = [];
  const session = openRawSession(createFixture(), { onerror: (error) => errors.push(error) });
  session.send(initialize, initialized, call(1, "ask"), { jsonrpc: "2.0", id: 4711, result: {} });
  const { id } = await session.message(({ method }) => method === "elicitation/create");
  session.send({ jsonrpc: "2.0", id: String(id), result: { action: "decline" } }, { jsonrpc: "2.0", id, result: {} });

  const received = await session.finish();

  expect(received.find((message) => message.id === 1)?.result).toMatchObject({ content: [{ text: "decline" }] });
  expect(errors).toEqual([]);
});

it("answers what was read when a signal ends it, although the input stays open", async () => {
  const session = openRawSession(createFixture());
  session.send(initialize, initialized, call(1, "sleep", { ms: 20 }));
  session.input.write('{"jsonrpc":"2.0","id":2,"met');

  await session.connection.end("signal");

  expect(ids(session.received)).toEqual([1, "init"]);
  await expect(session.connection.closed).resolves.toBe("signal");
});

it("gives an orphan two seconds, however long the others have", async () => {
  const session = openRawSession(createFixture(), { shutdownTimeoutMs: 60_000 });
  session.send(initialize, initialized, call(1, "sleep", { ms: 60_000 }));
  await session.answer("init");
  const started = performance.now();

  await session.connection.end("parent");

  expect(performance.now() - started).toBeLessThan(2900);
  await expect(session.connection.closed).resolves.toBe("parent");
});

it("ends when nobody reads the output any more", async () => {
  const session = openRawSession(createFixture());
  session.send(initialize, initialized, call(1, "sleep", { ms: 60_000 }));
  await session.answer("init");

  session.output.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));

  await expect(session.connection.closed).resolves.toBe("output-closed");
});

it("ends like the end of input when the input fails or is closed", async () => {
  for (const error of [new Error("read ECONNRESET"), undefined]) {
    const session = openRawSession(createFixture());
    session.send(initialize);
    await session.answer("init");

    session.input.destroy(error);

    await expect(session.connection.closed).resolves.toBe("eof");
  }
});

it("ends when the server closes the connection itself", async () => {
  let mcp: McpServer | undefined;
  const session = openRawSession(() => (mcp = new McpServer({ name: "fixture", version: "1" })));
  session.send(initialize);
  await session.answer("init");

  await mcp?.close();

  await expect(session.connection.closed).resolves.toBe("closed");
});

it("answers a result that cannot be written with an error", async () => {
  const session = openRawSession(() => {
    const mcp = new McpServer({ name: "fixture", version: "1" });
    // A handler typed by a spec method cannot return a bigint; one of an extension can.
    mcp.server.fallbackRequestHandler = async () => ({ value: 1n });
    return mcp;
  });
  session.send(initialize, { jsonrpc: "2.0", id: 1, method: "extension/bigint" });

  const received = await session.finish();

  expect(received.find(({ id }) => id === 1)?.error).toMatchObject({ code: -32603 });
});

it("goes on after lines that are no messages", async () => {
  const session = openRawSession(createFixture(), { maxLineBytes: 2000 });
  session.send("garbage", "", "   ", "[]", "x".repeat(2001), initialize, '{"id":5}', call(1, "echo", { text: "hi" }));

  const received = await session.finish();

  expect(received.map(({ id, error }) => [id, error?.code])).toEqual([
    [null, -32700],
    [null, -32600],
    [null, -32600],
    [5, -32600],
    ["init", undefined],
    [1, undefined],
  ]);
});
