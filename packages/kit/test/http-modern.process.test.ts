import { type HttpServeOptions, serve } from "@bothways/kit";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, it, vi } from "vitest";
import { schemaConversions } from "../src/compile-tools.ts";
import { createEchoServer, type EchoResources } from "./fixtures/echo-server.ts";
import { modernCall, post, sendRaw } from "./fixtures/raw-http.ts";

async function start(options: Partial<HttpServeOptions> = {}) {
  const resources: EchoResources = { opened: 0, calls: 0, aborted: 0 };
  // The helper's callers name HTTP options only, so the echo server's own stay at their defaults.
  const running = await serve(createEchoServer(resources), { transport: "http", port: 0, ...options } as never);
  const port = Number(new URL(running.url ?? "").port);
  const send = (method: string, params: Record<string, unknown>, headers: Record<string, string | null> = {}) => {
    const request = modernCall(method, params);
    return sendRaw(port, post(request.body, { ...request.headers, ...headers }));
  };
  return { port, resources, running, send, [Symbol.asyncDispose]: () => running.close() };
}

async function modernClient(url: string, capabilities = {}) {
  const client = new Client(
    { name: "t", version: "1" },
    { capabilities, versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

const surface: readonly (readonly [string, Record<string, unknown>])[] = [
  ["tools/list", {}],
  ["tools/list", { cursor: "nope" }],
  ["tools/call", { name: "echo", arguments: { text: "hi" } }],
  ["tools/call", { name: "echo", arguments: { text: 1, more: true } }],
  ["tools/call", { name: "nope", arguments: {} }],
  ["tools/call", { name: "constructor", arguments: {} }],
  ["tools/call", { name: "refuse", arguments: { how: "thrown" } }],
  ["tools/call", { name: "confirm", arguments: { what: "it" } }],
  ["tools/call", { name: "count", arguments: { to: 3 } }],
  ["tools/call", { name: "echo", arguments: "no object" }],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["resources/read", { uri: "note://one" }],
  ["resources/read", { uri: "note://two" }],
  ["prompts/list", {}],
  ["prompts/get", { name: "greet", arguments: { name: "Ada" } }],
  ["prompts/get", { name: "greet", arguments: {} }],
  ["completion/complete", { ref: { type: "ref/prompt", name: "greet" }, argument: { name: "name", value: "A" } }],
  ["server/discover", {}],
  ["ping", {}],
  ["nope/nope", {}],
];

it.each(surface)("answers %s %j byte for byte as the SDK's own path does", async (method, params) => {
  await using fast = await start();
  await using slow = await start({ slowModern: true });

  const [ours, theirs] = await Promise.all([fast.send(method, params), slow.send(method, params)]);

  expect([ours.status, ours.headers.get("content-type"), ours.body]).toEqual([
    theirs.status,
    theirs.headers.get("content-type"),
    theirs.body,
  ]);
});

it.each([
  ["a missing method header", { "Mcp-Method": null }],
  ["another method in the header", { "Mcp-Method": "tools/list" }],
  ["another case of the method", { "Mcp-Method": "Tools/Call" }],
  ["a missing name header", { "Mcp-Name": null }],
  ["another name in the header", { "Mcp-Name": "count" }],
  ["a broken base64 name", { "Mcp-Name": "=?base64?!!?=" }],
  ["another version in the header", { "MCP-Protocol-Version": "2026-07-29" }],
])("answers %s with 400 -32020", async (_case, headers) => {
  await using server = await start();

  const response = await server.send("tools/call", { name: "echo", arguments: { text: "x" } }, headers);

  expect([response.status, JSON.parse(response.body).error.code]).toEqual([400, -32020]);
  expect(server.resources.calls).toBe(0);
});

it("accepts a name header in base64 and header values with spaces around them", async () => {
  await using server = await start();
  const name = `=?base64?${Buffer.from("echo").toString("base64")}?=`;

  const response = await server.send(
    "tools/call",
    { name: "echo", arguments: { text: "x" } },
    { "Mcp-Name": ` ${name} ` },
  );

  expect(response.status).toBe(200);
});

it("answers a modern header without an envelope with -32602 and an unknown revision with -32022", async () => {
  await using server = await start();
  const bare = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
  const future = modernCall("tools/list", {});

  const [missing, unknown] = await Promise.all([
    sendRaw(server.port, post(bare, { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list" })),
    sendRaw(
      server.port,
      post(future.body.replace("2026-07-28", "2027-01-01"), {
        ...future.headers,
        "MCP-Protocol-Version": "2027-01-01",
      }),
    ),
  ]);

  expect([missing.status, JSON.parse(missing.body).error.code]).toEqual([400, -32602]);
  expect([unknown.status, JSON.parse(unknown.body).error.code]).toEqual([400, -32022]);
  expect(JSON.parse(unknown.body).error.data.supported).toEqual(["2026-07-28"]);
});

it("never sends a session id and answers a notification with 202", async () => {
  await using server = await start();
  const notification = JSON.stringify({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 5, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } },
  });

  const response = await sendRaw(
    server.port,
    post(notification, { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "notifications/cancelled" }),
  );
  const called = await server.send("tools/list", {});

  expect([response.status, response.body]).toEqual([202, ""]);
  expect(called.headers.has("mcp-session-id")).toBe(false);
});

it("keeps equal ids of many callers apart", async () => {
  await using server = await start();
  const texts = Array.from({ length: 200 }, (_, index) => `text-${index}`);

  const answers = await Promise.all(
    texts.map((text) => server.send("tools/call", { name: "echo", arguments: { text } })),
  );

  expect(answers.map(({ body }) => JSON.parse(body).result.structuredContent.text)).toEqual(texts);
  expect(answers.every(({ body }) => JSON.parse(body).id === 1)).toBe(true);
});

it("P13 never mixes 100 principals that call with equal ids through reused servers", async () => {
  await using server = await start({
    gate: async (request) => {
      const id = String(request.headers["x-test-user"]);
      return { principal: { id, subject: id, issuer: "test", clientId: "c", access: ["read"] } };
    },
  });
  const users = Array.from({ length: 300 }, (_, index) => `user-${index % 100}`);

  const answers = await Promise.all(
    users.map((user) =>
      server.send("tools/call", { name: "echo", arguments: { text: user } }, { "X-Test-User": user }),
    ),
  );

  const seen = answers.map(({ body }) => JSON.parse(body).result.structuredContent);
  expect(seen.map(({ principal }) => principal)).toEqual(users);
  expect(seen.map(({ text }) => text)).toEqual(users);
});

it("streams progress before the result and sends the result last", async () => {
  await using server = await start();
  await using client = await modernClient(server.running.url ?? "");
  const seen: number[] = [];

  const result = await client.callTool(
    { name: "count", arguments: { to: 5 } },
    { onprogress: ({ progress }) => seen.push(progress) },
  );

  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(result.structuredContent).toEqual({ counted: 5 });
});

it("cancels a call within a second when its client closes the response", async () => {
  await using server = await start();
  await using client = await modernClient(server.running.url ?? "");
  const gone = new AbortController();
  const call = client.callTool({ name: "wait", arguments: { ms: 20_000 } }, { signal: gone.signal });
  call.catch(() => {});

  setTimeout(() => gone.abort(), 100);

  await vi.waitFor(() => expect(server.resources.aborted).toBe(1), { timeout: 1000 });
  await expect(call).rejects.toThrow();
});

it("K14 does not abort the signal of a call that has answered", async () => {
  await using server = await start();

  await server.send("tools/call", { name: "wait", arguments: { ms: 1 } });
  await server.send("tools/call", { name: "echo", arguments: { text: "later" } });

  expect(server.resources.aborted).toBe(0);
});

it("K16 converts each schema once however many requests come", async () => {
  await using server = await start();
  await server.send("tools/list", {});
  const before = schemaConversions();

  for (let round = 0; round < 100; round += 1) {
    await Promise.all(
      Array.from({ length: 10 }, () => server.send("tools/call", { name: "echo", arguments: { text: "x" } })),
    );
  }

  expect(schemaConversions()).toBe(before);
  expect(server.resources.calls).toBe(1000);
});

it("asks the user by an input request and takes its own state back once verified", async () => {
  await using server = await start();
  await using client = await modernClient(server.running.url ?? "", { elicitation: {} });
  client.setRequestHandler("elicitation/create", async () => ({ action: "accept", content: { sure: true } }));

  const result = await client.callTool({ name: "confirm", arguments: { what: "delete it" } });

  expect(result.structuredContent).toEqual({ confirmed: true, asked: "delete it" });
});

it("refuses state that was changed, moved to other arguments or sealed by another process", async () => {
  await using server = await start();
  await using other = await start();
  const capable = { "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };
  const ask = (on: typeof server, what: string, extra: Record<string, unknown> = {}) => {
    const request = modernCall("tools/call", { name: "confirm", arguments: { what }, ...extra });
    const body = JSON.parse(request.body);
    Object.assign(body.params._meta, capable);
    return sendRaw(on.port, post(JSON.stringify(body), request.headers));
  };
  const inputResponses = { ok: { action: "accept", content: { sure: true } } };
  const state: string = JSON.parse((await ask(server, "a")).body).result.requestState;
  const foreign: string = JSON.parse((await ask(other, "a")).body).result.requestState;
  const changed = `${state.slice(0, -2)}${state.endsWith("AA") ? "BB" : "AA"}`;

  const good = await ask(server, "a", { requestState: state, inputResponses });
  const bad = await Promise.all([
    ask(server, "a", { requestState: changed, inputResponses }),
    ask(server, "b", { requestState: state, inputResponses }),
    ask(server, "a", { requestState: foreign, inputResponses }),
    ask(server, "a", { requestState: "v1.e30.AA", inputResponses }),
  ]);

  expect(JSON.parse(good.body).result.structuredContent).toEqual({ confirmed: true, asked: "a" });
  expect(bad.map(({ body }) => JSON.parse(body).error?.code)).toEqual([-32602, -32602, -32602, -32602]);
});

it("opens its resources once, at start", async () => {
  await using server = await start();

  await Promise.all(
    Array.from({ length: 20 }, () => server.send("tools/call", { name: "echo", arguments: { text: "x" } })),
  );

  expect(server.resources.opened).toBe(1);
});
