import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { type Harness, openHarness } from "./fixtures/sessions-harness.ts";
import { begin, exchange, type OpenStream, toolCall, type WireSession } from "./fixtures/wire-client.ts";

const clients = 20;
const rounds = 50;

it("leaves nothing behind after 1,000 mixed operations of 20 clients at once", async () => {
  await using harness = await openHarness();
  const failures: string[] = [];

  await Promise.all(Array.from({ length: clients }, (_, client) => behave(harness, client, failures)));

  expect(failures).toEqual([]);
  await expect.poll(() => harness.listening()).toBe(0);
  expect([harness.store.size, harness.sessions.openCount, harness.servers.live.size]).toEqual([0, 0, 0]);
});

it("holds an idle session with an open stream in less than 100 KiB, the client's end included", async () => {
  await using harness = await openHarness();
  await (await begin(harness.url)).listen();
  const before = heapUsed();

  const streams = await Promise.all(Array.from({ length: 200 }, async () => (await begin(harness.url)).listen()));

  expect((heapUsed() - before) / 200).toBeLessThan(100 * 1024);
  expect(streams.every(({ status }) => status === 200)).toBe(true);
});

/** One client that calls, cancels, disconnects, reconnects and renews its session, in an order of its own. */
async function behave(harness: Harness, client: number, failures: string[]): Promise<void> {
  let session = await begin(harness.url, { principal: `p${client}` });
  let stream: OpenStream | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const id = `${client}-${round}`;
    switch ((client * 7 + round) % 7) {
      case 0:
        stream?.drop();
        stream = await session.listen();
        if (stream.status !== 200) failures.push(`${id}: GET ${stream.status}`);
        break;
      case 1:
        await cancelOne(session, harness, id);
        break;
      case 2:
        (await session.stream(toolCall(id, "progress", { count: 3, size: 1000 }, id))).drop();
        break;
      case 3:
        stream?.drop();
        stream = undefined;
        await session.end();
        session = await begin(harness.url, { principal: `p${client}` });
        break;
      case 4:
        await exchange(harness.url, "GET", undefined, { ...session.headers, "mcp-session-id": "unknown" });
        break;
      default: {
        const text = (await session.call(id, "whoami"))?.result?.content?.[0]?.text;
        if (text !== `p${client} ${id}`) failures.push(`${id}: ${text}`);
      }
    }
  }
  stream?.drop();
  await session.end();
}

async function cancelOne(session: WireSession, harness: Harness, id: string): Promise<void> {
  const call = session.post(toolCall(id, "wait", { name: id }));
  await harness.servers.gate.entered(id);
  await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
  await call;
}

function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  // The function appears in contexts made after the flag was set.
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 4; round += 1) collect();
  return process.memoryUsage().heapUsed;
}
