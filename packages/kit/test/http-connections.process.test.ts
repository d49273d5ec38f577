import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { serve } from "@bothways/kit";
import { expect, it, vi } from "vitest";
import { createEchoServer, type EchoResources } from "./fixtures/echo-server.ts";
import { modernCall, post } from "./fixtures/raw-http.ts";

async function open() {
  const resources: EchoResources = { opened: 0, calls: 0, aborted: 0 };
  const running = await serve(createEchoServer(resources), { transport: "sse", port: 0 });
  const socket: Socket = connect(Number(new URL(running.url ?? "").port), "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  // The server may reset what it does not want to read.
  socket.on("error", () => {});
  return {
    socket,
    resources,
    received: () => received,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await running.close();
    },
  };
}

it("writes nothing into an open stream when nonsense follows on its connection", async () => {
  await using client = await open();
  client.socket.write("GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n");
  await vi.waitFor(() => expect(client.received()).toContain("event: endpoint"));
  const before = client.received();

  client.socket.write("nonsense\r\n\r\n");
  await once(client.socket, "close");

  expect(client.received()).toBe(before);
});

it("answers nonsense not in the place of the request before it", async () => {
  await using client = await open();
  const { body, headers } = modernCall("tools/call", { name: "wait", arguments: { ms: 5000 } });
  client.socket.write(post(body, { ...headers, Connection: "keep-alive" }));
  await vi.waitFor(() => expect(client.resources.calls).toBe(1));

  client.socket.write("nonsense\r\n\r\n");
  await once(client.socket, "close");

  expect(client.received()).toBe("");
  expect(client.resources.aborted).toBe(1);
});

it("refuses a request that it cannot read when nothing else is under way", async () => {
  await using client = await open();

  client.socket.write("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
  await once(client.socket, "close");

  expect(client.received()).toMatch(/^HTTP\/1\.1 4\d\d /);
});

it("gives up on headers that are not complete after ten seconds", async () => {
  await using client = await open();
  const start = performance.now();

  client.socket.write("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  await once(client.socket, "close");

  expect(client.received()).toMatch(/^HTTP\/1\.1 408 /);
  expect(performance.now() - start).toBeGreaterThan(9_900);
  expect(performance.now() - start).toBeLessThan(14_000);
});
