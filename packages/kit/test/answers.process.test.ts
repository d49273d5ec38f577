import { defineServer, defineTool, serve, success } from "@bothways/kit";
import { type ConnectOptions, connect } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { createLogger } from "../src/observe/logger.ts";
import { modernCall, post, sendRaw } from "./fixtures/raw-http.ts";

const base = {
  title: "T",
  description: "d",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  access: "read",
};
const schemas = { inputSchema: z.object({}), outputSchema: z.object({}).loose() };
const hostile = "A".repeat(300);

/** @param setupFails How many of the first calls of `setup` fail. */
function createOddServer(setupFails = 0) {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  let failures = setupFails;
  return defineServer({
    name: "bothways-odd",
    short: "odd",
    version: "1.0.0",
    title: "Odd",
    instructions: "",
    options: z.object({}),
    open: () => ({ async [Symbol.asyncDispose]() {} }),
    setup(mcp) {
      failures -= 1;
      if (failures >= 0) throw new Error("not yet");
      mcp.registerPrompt("known", {}, () => ({ messages: [] }));
      mcp.registerResource("known", "note://known", {}, () => ({ contents: [] }));
    },
    watch(uri) {
      if (uri === "note://bug") throw new Error(`secret detail of a bug${" and".repeat(3000)}`);
      return { [Symbol.dispose]() {} };
    },
    tools: [
      defineTool({ ...base, ...schemas, name: "bigint", run: () => success({ n: 1n }, "a number") }),
      defineTool({ ...base, ...schemas, name: "cycle", run: () => success(cycle, "a cycle") }),
      defineTool({ ...base, ...schemas, name: "fine", run: () => success({}) }),
      defineTool({
        ...base,
        ...schemas,
        name: "nameless",
        run() {
          // What has no prototype has no text either.
          throw Object.create(null);
        },
      }),
      // An author without types gets what others get from the compiler.
      defineTool({ ...base, ...schemas, name: "forgetful", run: () => undefined as never }),
    ],
    defaultPort: 3994,
  });
}

const wires: readonly (readonly [string, ConnectOptions<z.ZodObject>])[] = [
  ["2026 over HTTP", { transport: "http", era: "2026" }],
  ["2025 in a session", { transport: "http", era: "2025" }],
  ["2025 without a session", { transport: "http", era: "2025", http: { sessions: "stateless" } }],
  ["HTTP+SSE", { transport: "sse" }],
  ["2026 over stdio", { transport: "stdio", era: "2026" }],
  ["2025 over stdio", { transport: "stdio", era: "2025" }],
];

async function failureOf(call: () => Promise<unknown>): Promise<string> {
  return call().then(
    () => "",
    (error: unknown) => String(error),
  );
}

it.each(wires)("answers %s with an error when a result cannot be written as JSON", async (_wire, options) => {
  await using session = await connect(createOddServer(), options);
  // Listed before, so that the client does not look for output schemas in between.
  await session.client.listTools();

  for (const name of ["bigint", "cycle"]) {
    expect(await failureOf(() => session.callTool(name))).toContain("cannot be written as JSON");
  }
  expect((await session.callTool("fine")).structuredContent).toEqual({});
});

it.each(wires)("answers %s with INTERNAL when a tool throws or returns what nobody expects", async (_wire, options) => {
  await using session = await connect(createOddServer(), options);

  for (const name of ["nameless", "forgetful"]) {
    const result = await session.callTool(name);

    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^INTERNAL: .*\(id \w{8}\)$/) }],
      _meta: { "bothways/error": { code: "INTERNAL" } },
    });
  }
});

it.each(wires)("repeats no long word of %s in the errors of the protocol layer", async (_wire, options) => {
  await using session = await connect(createOddServer(), options);
  const { client } = session;
  const calls = [
    () => session.callTool(hostile),
    () => client.getPrompt({ name: hostile }),
    () => client.readResource({ uri: `note://${hostile}${"/b".repeat(20_000)}` }),
    () =>
      session.callTool("fine", { [hostile]: 1, ["\u0001".repeat(100)]: 2 }).then((result) => Promise.reject(result)),
  ];

  for (const call of calls) {
    const problem = await call().catch((error: unknown) => error);
    const text = problem instanceof Error ? problem.message : JSON.stringify(problem);

    expect(text).not.toContain("A".repeat(257));
    expect(text.length).toBeLessThan(4096);
    expect(text).not.toBe("");
  }
});

it("repeats nothing of a request whose headers and body disagree", async () => {
  await using running = await startOdd();
  const { body, headers } = modernCall("tools/call", { name: "fine", arguments: {} });

  const response = await sendRaw(running.port, post(body, { ...headers, "Mcp-Name": "evil-name" }));

  expect(response.status).toBe(400);
  expect(JSON.parse(response.body).error.code).toBe(-32020);
  expect(response.body).not.toMatch(/evil-name|"fine"/);
});

it("refuses a request that says its method or its tool twice, whichever of them the headers name", async () => {
  await using running = await startOdd();
  const { body, headers } = modernCall("tools/call", { name: "fine", arguments: {} });
  const twice = [
    body.replace('"method":', '"method":"tools/list","method":'),
    body.replace('"name":"fine"', '"name":"cycle","name":"fine"'),
  ];

  for (const text of twice) {
    const response = await sendRaw(running.port, post(text, headers));

    expect([response.status, JSON.parse(response.body).error.code]).toEqual([400, -32020]);
  }
  expect((await sendRaw(running.port, post(body, headers))).status).toBe(200);
});

it("keeps the text of a bug in watch to the log and gives the client its id", async () => {
  const lines: string[] = [];
  const log = createLogger((line) => lines.push(line), { level: "error", format: "text" });
  await using session = await connect(createOddServer(), { transport: "http", era: "2025", log });

  const problem = await failureOf(() => session.client.subscribeResource({ uri: "note://bug" }));

  const id = /\(id (\w{8})\)/.exec(problem)?.[1];
  expect(id).toBeDefined();
  expect(problem).not.toContain("secret detail");
  expect(lines.find((line) => line.includes(`id=${id}`))).toContain("secret detail of a bug");
});

it("answers again once a setup that failed has stopped to fail, and closes in either case", async () => {
  await using running = await startOdd(1);
  const { body, headers } = modernCall("tools/list", {});

  const first = await sendRaw(running.port, post(body, headers));
  const second = await sendRaw(running.port, post(body, headers));

  expect([first.status, second.status]).toEqual([500, 200]);
  expect(first.body).not.toContain("not yet");
});

it("looks for a session unless the version header names a revision that has none", async () => {
  await using running = await startOdd();
  const get = async (version: string) => {
    const response = await fetch(`http://127.0.0.1:${running.port}/mcp`, {
      headers: { Accept: "text/event-stream", "MCP-Protocol-Version": version },
    });
    return response.status;
  };

  expect(await get("2026-07-28")).toBe(405);
  expect(await get("2030-01-01")).toBe(405);
  expect(await get("1999-01-01")).toBe(400);
  expect(await get("banana")).toBe(400);
});

async function startOdd(setupFails = 0) {
  const running = await serve(createOddServer(setupFails), { transport: "http", port: 0 });
  return { port: Number(new URL(running.url ?? "").port), [Symbol.asyncDispose]: () => running.close() };
}
