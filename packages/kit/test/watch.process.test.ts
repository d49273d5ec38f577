import { defineServer, FailureError } from "@bothways/kit";
import { type ConnectOptions, connect } from "@bothways/kit/testing";
import { expect, it, vi } from "vitest";
import { z } from "zod";

const options = z.object({});
const wires: readonly ConnectOptions<typeof options>[] = [
  { transport: "memory", era: "2026" },
  { transport: "memory", era: "2025" },
  { transport: "http", era: "2026" },
  { transport: "http", era: "2025" },
  { transport: "sse", era: "2025" },
];

/** A server that watches anything but `note://secret` and lets the test say when something changed. */
function createWatched() {
  const watching = new Map<string, () => void>();
  const watched: string[] = [];
  const server = defineServer({
    name: "bothways-watched",
    short: "watched",
    version: "1.0.0",
    title: "Watched",
    instructions: "",
    options,
    open: () => ({ async [Symbol.asyncDispose]() {} }),
    tools: [],
    watch(uri, context) {
      if (uri === "note://secret") throw new FailureError("ACCESS_DENIED", "Not this one.", "Ask for another.");
      watched.push(uri);
      watching.set(uri, () => context.updated());
      return { [Symbol.dispose]: () => void watching.delete(uri) };
    },
    defaultPort: 3997,
  });
  return { server, watching, watched };
}

async function listen(wire: ConnectOptions<typeof options>, uris: string[]) {
  const watched = createWatched();
  const told: string[] = [];
  const session = await connect(watched.server, {
    ...wire,
    prepare: (client) =>
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.push(params.uri)),
  });
  const { client } = session;
  const subscription = wire.era === "2026" ? await client.listen({ resourceSubscriptions: uris }) : undefined;
  if (!subscription) await Promise.all(uris.map((uri) => client.subscribeResource({ uri })));
  const stop = async () => {
    if (subscription) await subscription.close();
    else await Promise.all(uris.map((uri) => client.unsubscribeResource({ uri })));
  };
  return { ...watched, told, stop, session, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

it.each(wires)(
  "watches over $transport $era what a client subscribes to, and only as long as it does",
  async (wire) => {
    await using client = await listen(wire, ["note://a", "note://b"]);
    await vi.waitFor(() => expect(client.watching.size).toBe(2));

    client.watching.get("note://a")?.();
    await vi.waitFor(() => expect(client.told).toEqual(["note://a"]));
    await client.stop();

    await vi.waitFor(() => expect(client.watching.size).toBe(0));
  },
);

it.each(wires)("stops watching over $transport $era when the client is gone", async (wire) => {
  const client = await listen(wire, ["note://a"]);
  await vi.waitFor(() => expect(client.watching.size).toBe(1));

  await client[Symbol.asyncDispose]();

  await vi.waitFor(() => expect(client.watching.size).toBe(0));
});

it("watches a uri once however often a connection subscribes to it", async () => {
  await using client = await listen({ transport: "http", era: "2025" }, ["note://a", "note://a"]);

  await vi.waitFor(() => expect(client.watched).toEqual(["note://a"]));
});

it("answers a refused subscription with the reason and watches nothing", async () => {
  const refused = listen({ transport: "http", era: "2025" }, ["note://secret"]);

  await expect(refused).rejects.toThrow(/ACCESS_DENIED: Not this one/);
});

it("refuses the 65th subscription of a connection", async () => {
  const uris = Array.from({ length: 65 }, (_, index) => `note://${index}`);

  await expect(listen({ transport: "memory", era: "2025" }, uris)).rejects.toThrow(/at most 64/);
});
