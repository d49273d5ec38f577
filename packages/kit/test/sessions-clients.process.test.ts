import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, it } from "vitest";
import { type Harness, type HarnessOptions, openHarness } from "./fixtures/sessions-harness.ts";

/** What both generations of SDK clients can do, so that each row runs with each. */
interface AnyClient extends AsyncDisposable {
  call(name: string, args: Record<string, unknown>, onProgress?: (done: number) => void): Promise<string>;
  names(): Promise<string[]>;
  readonly listChanges: number;
}

const info = { name: "test", version: "1" };
const capabilities = { elicitation: { form: {} } };

async function connectV1(transport: Transport): Promise<AnyClient> {
  const client = new ClientV1(info, { capabilities });
  let listChanges = 0;
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { name: "Ada" } }));
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    listChanges += 1;
  });
  await client.connect(transport);
  return {
    async call(name, args, onProgress) {
      const options = onProgress && { onprogress: ({ progress }: { progress: number }) => onProgress(progress) };
      return textOf(await client.callTool({ name, arguments: args }, undefined, options));
    },
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    get listChanges() {
      return listChanges;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV2(url: string): Promise<AnyClient> {
  const client = new Client(info, { capabilities });
  let listChanges = 0;
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { name: "Ada" } }));
  client.setNotificationHandler("notifications/tools/list_changed", () => {
    listChanges += 1;
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return {
    async call(name, args, onProgress) {
      const options = onProgress && { onprogress: ({ progress }: { progress: number }) => onProgress(progress) };
      return textOf(await client.callTool({ name, arguments: args }, options));
    },
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    get listChanges() {
      return listChanges;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function textOf(result: object): string {
  const [first] = "content" in result && Array.isArray(result.content) ? result.content : [];
  return String(first?.text);
}

type Wire = "session" | "stateless" | "sse";

const wires: [string, Wire, (harness: Harness) => Promise<AnyClient>][] = [
  ["v1 on a session", "session", ({ url }) => connectV1(new TransportV1(new URL(url)))],
  ["v2 on a session", "session", ({ url }) => connectV2(url)],
  ["v1 stateless", "stateless", ({ url }) => connectV1(new TransportV1(new URL(url)))],
  ["v2 stateless", "stateless", ({ url }) => connectV2(url)],
  ["v1 on HTTP+SSE", "sse", ({ origin }) => connectV1(new SSEClientTransport(new URL(`${origin}/sse`)))],
];

function open(wire: Wire, options: HarnessOptions = {}): Promise<Harness> {
  return openHarness({ ...options, mode: wire === "stateless" ? "stateless" : "sessions" });
}

it.each(wires)("%s lists and calls tools, a hundred at a time", async (_name, wire, connect) => {
  await using harness = await open(wire);
  await using client = await connect(harness);

  const texts = await Promise.all(Array.from({ length: 100 }, (_, n) => client.call("echo", { text: String(n) })));

  expect(await client.names()).toContain("echo");
  expect(texts).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
});

it.each(wires)("%s sees every progress before the result", async (_name, wire, connect) => {
  await using harness = await open(wire);
  await using client = await connect(harness);
  const seen: number[] = [];

  const text = client.call("progress", { count: 5, name: "held" }, (done) => seen.push(done));
  await expect.poll(() => seen).toEqual([1, 2, 3, 4, 5]);
  harness.servers.gate.open("held");

  expect(await text).toBe("done");
});

it.each(wires.filter(([, wire]) => wire !== "stateless"))(
  "%s answers what a tool asks and hears of a change once",
  async (_name, wire, connect) => {
    await using harness = await open(wire);
    await using client = await connect(harness);

    expect(await client.call("ask", {})).toBe("hello Ada");
    // The one stream of HTTP+SSE is open by now; a session's client opens its own after `initialized`.
    await expect.poll(() => harness.listening()).toBe(wire === "session" ? 1 : 0);
    await harness.servers.announce();
    await expect.poll(() => client.listChanges).toBe(1);
    await client.call("echo", { text: "settled" });

    expect(client.listChanges).toBe(1);
  },
);

it.each(wires.filter(([, wire]) => wire === "session"))(
  "%s comes back for the result of a call that closed its stream",
  async (_name, wire, connect) => {
    await using harness = await open(wire);
    await using client = await connect(harness);

    const result = client.call("reconnect", { name: "held" });
    await harness.servers.gate.entered("held");
    harness.servers.gate.open("held");

    expect(await result).toBe("after the reconnect");
  },
);

it("v1 and v2 end a session with DELETE", async () => {
  await using harness = await openHarness();
  const v1 = new TransportV1(new URL(harness.url));
  const v2 = new StreamableHTTPClientTransport(new URL(harness.url));
  const clients = [new ClientV1(info), new Client(info)] as const;
  await clients[0].connect(v1);
  await clients[1].connect(v2);
  expect(harness.store.size).toBe(2);

  await Promise.all([v1.terminateSession(), v2.terminateSession()]);

  expect(harness.store.size).toBe(0);
  await Promise.all(clients.map((client) => client.close()));
});
