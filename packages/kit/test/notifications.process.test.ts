import { type HttpServeOptions, serve } from "@bothways/kit";
import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { expect, it, vi } from "vitest";
import { createEchoServer, type EchoResources } from "./fixtures/echo-server.ts";
import { modernCall } from "./fixtures/raw-http.ts";

async function start(options: Partial<HttpServeOptions> = {}) {
  const resources: EchoResources = { opened: 0, calls: 0, aborted: 0 };
  // The helper's callers name HTTP options only, so the echo server's own stay at their defaults.
  const running = await serve(createEchoServer(resources), { transport: "sse", port: 0, ...options } as never);
  return { running, resources, url: running.url ?? "", [Symbol.asyncDispose]: () => running.close() };
}

/** Connects a client of one generation and counts what it is told. */
async function listener(wire: Transport, mode: "legacy" | "2026") {
  const told: string[] = [];
  const versionNegotiation = { mode: mode === "2026" ? { pin: "2026-07-28" } : "legacy" } as const;
  const client = new Client({ name: "t", version: "1" }, { versionNegotiation });
  for (const kind of ["tools", "prompts", "resources"] as const) {
    client.setNotificationHandler(`notifications/${kind}/list_changed`, () => void told.push(kind));
  }
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.push(params.uri));
  await client.connect(wire);
  return Object.assign(client, { told, [Symbol.asyncDispose]: () => client.close() });
}

it("tells every generation of client about changes exactly once, and about a uri only its subscribers", async () => {
  await using server = await start();
  const http = () => new StreamableHTTPClientTransport(new URL(server.url));
  await using modern = await listener(http(), "2026");
  await using session = await listener(http(), "legacy");
  await using stranger = await listener(http(), "legacy");
  await using sse = await listener(new SSEClientTransport(new URL(server.url.replace("/mcp", "/sse"))), "legacy");
  const listen = await modern.listen({
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: true,
    resourceSubscriptions: ["note://one"],
  });
  await Promise.all([session.subscribeResource({ uri: "note://one" }), sse.subscribeResource({ uri: "note://one" })]);

  server.running.notify.toolsChanged();
  server.running.notify.promptsChanged();
  server.running.notify.resourcesChanged();
  server.running.notify.resourceUpdated("note://one");
  server.running.notify.resourceUpdated("note://two");

  const lists = ["prompts", "resources", "tools"];
  await vi.waitFor(() => {
    for (const client of [modern, session, sse]) expect(client.told.toSorted()).toEqual(["note://one", ...lists]);
    expect(stranger.told.toSorted()).toEqual(lists);
  });
  await listen.close();
});

it("stops telling a session about a uri it unsubscribed from", async () => {
  await using server = await start();
  await using session = await listener(new StreamableHTTPClientTransport(new URL(server.url)), "legacy");
  await session.subscribeResource({ uri: "note://one" });
  await session.unsubscribeResource({ uri: "note://one" });

  server.running.notify.resourceUpdated("note://one");
  server.running.notify.toolsChanged();

  await vi.waitFor(() => expect(session.told).toEqual(["tools"]));
});

it("flushes the acknowledgement of a listen stream at once and ends it with a result on drain", async () => {
  await using server = await start();
  const request = modernCall("subscriptions/listen", { notifications: { toolsListChanged: true } }, "sub-1");
  const response = await fetch(server.url, {
    method: "POST",
    headers: { ...request.headers, "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
    body: request.body,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = Buffer.from((await reader.read()).value ?? []).toString();

  const drained = server.running.drain();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read())
    rest += Buffer.from(part.value).toString();

  expect(response.headers.get("x-accel-buffering")).toBe("no");
  expect(first).toContain('"method":"notifications/subscriptions/acknowledged"');
  expect(first).toContain('"io.modelcontextprotocol/subscriptionId":"sub-1"');
  expect(rest).toContain('"resultType":"complete"');
  expect(await drained).toBe("drained");
});

it("refuses a listen without a filter as an invalid request and opens no stream", async () => {
  await using server = await start();
  const request = modernCall("subscriptions/listen", {});

  const response = await fetch(server.url, {
    method: "POST",
    headers: { ...request.headers, "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
    body: request.body,
  });

  expect(await response.json()).toMatchObject({ error: { code: -32602 } });
});

it("K11 answers 200 calls in flight when it is drained, then says no more", async () => {
  await using server = await start();
  const call = modernCall("tools/call", { name: "wait", arguments: { ms: 1000 } });
  const calls = Array.from({ length: 200 }, () =>
    fetch(server.url, {
      method: "POST",
      headers: { ...call.headers, "Content-Type": "application/json", Accept: "*/*" },
      body: call.body,
    }),
  );
  await vi.waitFor(() => expect(server.resources.calls).toBe(200), { timeout: 10_000 });

  const outcome = await server.running.drain();

  const responses = await Promise.all(calls);
  expect(outcome).toBe("drained");
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 200));
  expect(
    await Promise.all(responses.map(async (response) => JSON.parse(await response.text()).result.structuredContent)),
  ).toEqual(Array.from({ length: 200 }, () => ({ waited: 1000 })));
  await expect(fetch(server.url)).rejects.toThrow();
});

it("cuts what is still running when the drain deadline passes", async () => {
  await using server = await start({ shutdownTimeoutMs: 400 });
  const call = modernCall("tools/call", { name: "wait", arguments: { ms: 30_000 } });
  const pending = fetch(server.url, {
    method: "POST",
    headers: { ...call.headers, "Content-Type": "application/json", Accept: "*/*" },
    body: call.body,
  }).then((response) => response.text(), String);
  await vi.waitFor(() => expect(server.resources.calls).toBe(1));

  const outcome = await server.running.drain();

  expect(outcome).toBe("cut");
  expect(await pending).toMatch(/SHUTTING_DOWN|fetch failed|terminated/);
});

it("turns not ready as soon as it drains while health stays ok", async () => {
  await using server = await start();
  const call = modernCall("tools/call", { name: "wait", arguments: { ms: 1000 } });
  const pending = fetch(server.url, {
    method: "POST",
    headers: { ...call.headers, "Content-Type": "application/json", Accept: "*/*" },
    body: call.body,
  });
  await vi.waitFor(() => expect(server.resources.calls).toBe(1));
  const drained = server.running.drain();

  const ready = await fetch(server.url.replace("/mcp", "/readyz"));
  const health = await fetch(server.url.replace("/mcp", "/healthz"));

  expect([ready.status, await ready.json()]).toEqual([503, { status: "draining" }]);
  expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  expect([(await pending).status, await drained]).toEqual([200, "drained"]);
});
