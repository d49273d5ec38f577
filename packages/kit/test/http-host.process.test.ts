import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHttpHost, defineServer, defineTool, option, success } from "@bothways/kit";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, it } from "vitest";
import { z } from "zod";

const greet = defineTool({
  name: "greet",
  title: "Greet",
  description: "Says hello in the words of its server.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  access: "read",
  inputSchema: z.object({}),
  outputSchema: z.object({ text: z.string() }),
  run: (_input, { words }: { readonly words: string }) => success({ text: words }),
});

/** @param broken How many times the resources cannot be opened first. */
function createGreeter(name: string, broken = 0) {
  const state = { opened: 0, disposed: 0 };
  const definition = defineServer({
    name,
    short: name,
    version: "1.0.0",
    title: name,
    instructions: "",
    options: z.object({ words: option(z.string().default(name), { describe: "What it says" }) }),
    open({ words }) {
      state.opened += 1;
      if (state.opened <= broken) throw new Error("secret reason");
      return {
        words,
        async [Symbol.asyncDispose]() {
          state.disposed += 1;
        },
      };
    },
    tools: [greet],
    defaultPort: 0,
  });
  return { definition, state };
}

async function greeting(url: string, mode: "legacy" | "auto"): Promise<unknown> {
  const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const { structuredContent } = await client.callTool({ name: "greet" });
  await client.close();
  return structuredContent;
}

it.each(["legacy", "auto"] as const)("serves two servers under two paths of one port to a %s client", async (mode) => {
  const first = createGreeter("first");
  const second = createGreeter("second");
  const host = createHttpHost(
    { "/one": first.definition, "/two": { definition: second.definition, options: { words: "the other one" } } },
    { port: 0 },
  );
  const { origin } = await host.listen();

  const said = [await greeting(`${origin}/one`, mode), await greeting(`${origin}/two`, mode)];
  const elsewhere = await fetch(`${origin}/mcp`, { method: "POST" });
  const outcome = await host.drain();
  await host.close();

  expect(said).toEqual([{ text: "first" }, { text: "the other one" }]);
  expect(elsewhere.status).toBe(404);
  expect(outcome).toBe("drained");
  expect([first.state, second.state]).toEqual([
    { opened: 1, disposed: 1 },
    { opened: 1, disposed: 1 },
  ]);
});

it("counts the sessions of all its servers together", async () => {
  const host = createHttpHost(
    { "/one": createGreeter("first").definition, "/two": createGreeter("second").definition },
    { port: 0, maxSessions: 1 },
  );
  const { origin } = await host.listen();
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const initialize = (path: string) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
    });

  const statuses = [(await initialize("/one")).status, (await initialize("/two")).status];
  await host.close();

  expect(statuses).toEqual([200, 503]);
});

it("answers 503 behind a server of one's own until its resources open, and says nothing about why", async () => {
  const { definition, state } = createGreeter("late", 1);
  const host = createHttpHost({ "/mcp": definition });
  const server = createServer(host.listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server that listens has an address with a port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;

  const early = await fetch(url, { method: "POST" });
  const said = await greeting(url, "auto");
  await host.close();
  server.closeAllConnections();
  server.close();

  expect(early.status).toBe(503);
  expect(await early.text()).not.toContain("secret reason");
  expect(said).toEqual({ text: "late" });
  expect(state).toEqual({ opened: 2, disposed: 1 });
});

it("disposes what was opened when another server does not open, and refuses to be exposed", async () => {
  const fine = createGreeter("fine");
  const broken = createGreeter("broken", 1);
  const host = createHttpHost({ "/fine": fine.definition, "/broken": broken.definition }, { port: 0 });
  const exposed = createHttpHost({ "/fine": fine.definition }, { host: "0.0.0.0", port: 0 });

  await expect(host.listen()).rejects.toMatchObject({ code: "ERR_OPEN_FAILED" });
  await expect(exposed.listen()).rejects.toMatchObject({ code: "ERR_EXPOSURE_REFUSED" });

  expect(fine.state).toEqual({ opened: 1, disposed: 1 });
});
