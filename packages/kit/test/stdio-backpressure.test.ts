import { PassThrough } from "node:stream";
import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { StdioTransport } from "../src/stdio/stdio-transport.ts";

const megabyte = 1_000_000;

/** A transport whose requests are answered by hand, and a client that reads only when told to. */
function openByHand(): {
  input: PassThrough;
  output: PassThrough;
  transport: StdioTransport;
  begun: JSONRPCRequest[];
  begin: (count: number, id?: number) => void;
  answer: (request: JSONRPCRequest, bytes: number) => void;
  settle: () => Promise<void>;
} {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = new StdioTransport({ input, output, shutdownTimeoutMs: 20_000 });
  const begun: JSONRPCRequest[] = [];
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("method" in message && "id" in message) begun.push(message);
  };
  void transport.start();
  return {
    input,
    output,
    transport,
    begun,
    begin(count, id = 0) {
      const lines = Array.from({ length: count }, (_, index) => call(id + index));
      input.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    },
    answer: (request, bytes) =>
      void transport.send({ jsonrpc: "2.0", id: request.id, result: { text: "x".repeat(bytes) } }),
    settle: () => new Promise((resolve) => setTimeout(resolve, 100)),
  };
}

function call(id: number): JSONRPCRequest {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name: "any", arguments: {} } };
}

function progress(size: number): JSONRPCMessage {
  return {
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken: 1, progress: 1, message: "x".repeat(size) },
  };
}

function lineCount(output: PassThrough): Promise<number> {
  return new Promise((resolve) => {
    let lines = 0;
    output.on("data", (chunk: Buffer) => {
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
    });
    output.on("end", () => resolve(lines));
  });
}

it("K7: begins no more calls with heavy answers than a reader that does not read can take", async () => {
  const { begin, begun, answer, output, input, transport, settle } = openByHand();
  const collect = transport.onmessage;
  transport.onmessage = (message) => {
    collect?.(message);
    const request = begun.at(-1);
    setImmediate(() => request && answer(request, 5 * megabyte));
  };

  begin(50);
  await settle();
  const begunUnread = begun.length;
  const lines = lineCount(output);
  input.end();
  await transport.closed;
  output.end();

  expect(begunUnread).toBeLessThan(8);
  expect(await lines).toBe(50);
}, 20_000);

it("lets a hundred calls run side by side when each of them takes its time", async () => {
  const { begin, begun } = openByHand();
  begin(100);

  await expect.poll(() => begun.length, { timeout: 5000 }).toBe(100);
});

it("begins any number of calls at once when their answers are known to be small", async () => {
  const { begin, begun, answer } = openByHand();
  begin(1);
  const [first] = begun;
  if (first !== undefined) answer(first, 100);

  begin(500, 1);

  expect(begun).toHaveLength(501);
});

it("never begins a call that was cancelled while it waited", async () => {
  const { begin, begun, input } = openByHand();
  begin(10);
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 9 } };

  input.write(`${JSON.stringify(cancel)}\n`);
  begin(1, 10);
  await expect.poll(() => begun.length, { timeout: 5000 }).toBe(10);

  expect(begun.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10]);
});

it("begins a ping at once although calls wait", () => {
  const { begin, begun, input } = openByHand();
  begin(10);

  input.write('{"jsonrpc":"2.0","id":"ping","method":"ping"}\n');

  expect(begun.at(-1)?.id).toBe("ping");
});

it("hands on answers and cancellations although calls wait to begin", async () => {
  const { begin, input, transport } = openByHand();
  const asked = { jsonrpc: "2.0", id: 1, method: "elicitation/create", params: {} } as const;
  await transport.send(asked);
  const answered = new Promise((resolve) => {
    transport.onmessage = (message: JSONRPCMessage) => {
      if ("result" in message) resolve(message.id);
    };
  });
  begin(10);

  input.write('{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}\n');

  await expect(answered).resolves.toBe(1);
});

it("stops reading when requests pile up, and reads on when they do not", async () => {
  const { begun, answer, input, settle } = openByHand();
  const padding = "x".repeat(100_000);
  const lines = Array.from({ length: 40 }, (_, id) =>
    JSON.stringify({ ...call(id), params: { name: "any", padding } }),
  );
  for (const line of lines) input.write(`${line}\n`);
  await settle();
  const leftInTheStream = input.readableLength + input.writableLength;

  const timer = setInterval(() => {
    for (const request of begun.splice(0)) answer(request, 10);
  }, 1);
  await expect.poll(() => input.readableLength + input.writableLength, { timeout: 5000 }).toBe(0);
  clearInterval(timer);

  expect(leftInTheStream).toBeGreaterThan(megabyte);
});

it("drops progress reports and delays other notifications while the reader is far behind", async () => {
  const { begin, begun, answer, output, transport, input } = openByHand();
  begin(1);
  const [first] = begun;
  if (first !== undefined) answer(first, 6 * megabyte);
  await transport.send(progress(megabyte));
  let isDelivered = false;
  const delayed = transport
    .send({ jsonrpc: "2.0", method: "notifications/message", params: {} })
    .then(() => (isDelivered = true));
  await new Promise((resolve) => setImmediate(resolve));
  const beforeReading = isDelivered;

  const lines = lineCount(output);
  await delayed;
  await transport.send(progress(10));
  input.end();
  await transport.closed;
  output.end();

  expect(beforeReading).toBe(false);
  expect(await lines).toBe(3);
});

it("writes the answers of one turn together", async () => {
  const { begin, begun, answer, output } = openByHand();
  begin(1);
  for (const request of begun.splice(0)) answer(request, 10);
  begin(20, 1);
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => setImmediate(resolve));
  chunks.length = 0;

  for (const request of begun.splice(0)) answer(request, 10);
  await new Promise((resolve) => setImmediate(resolve));

  expect(chunks).toHaveLength(1);
});

it("never answers twice, not even when the answer comes after the time for it is over", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = new StdioTransport({ input, output, shutdownTimeoutMs: 50 });
  transport.onclose = () => void transport.send({ jsonrpc: "2.0", id: 1, result: {} });
  await transport.start();

  input.end(`${JSON.stringify(call(1))}\n`);
  const lines = lineCount(output);
  await transport.closed;
  await transport.send({ jsonrpc: "2.0", id: 1, result: {} });
  await new Promise((resolve) => setImmediate(resolve));
  output.end();

  expect(await lines).toBe(1);
});

it("gives up on a reader that does not read when the time is over", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = new StdioTransport({ input, output, shutdownTimeoutMs: 100 });
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("id" in message && message.id !== undefined)
      void transport.send({ jsonrpc: "2.0", id: message.id, result: { text: "x".repeat(megabyte) } });
  };
  await transport.start();

  input.end(`${JSON.stringify(call(1))}\n`);

  await expect(transport.closed).resolves.toBe("eof");
});
