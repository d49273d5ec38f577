import fc from "fast-check";
import { expect, it } from "vitest";
import { createStreamId, EventStore, parseEventId } from "../src/http/event-store.ts";

const start = { stream: "s", number: 0 };

function numbersAfter(store: EventStore, position = start): number[] {
  return Array.from(store.after(position).matchAll(/^id: \w+\.(\d+)$/gm), ([, number]) => Number(number));
}

it("writes an event as one frame with its id", () => {
  const store = new EventStore();

  expect(store.append("s", '{"a":1}')).toBe('event: message\nid: s.1\ndata: {"a":1}\n\n');
});

it("returns what came after a position, of that stream only and in order", () => {
  const store = new EventStore();
  for (const stream of ["s", "t", "s", "t", "s"]) store.append(stream, "{}");

  expect(numbersAfter(store)).toEqual([1, 3, 5]);
  expect(numbersAfter(store, { stream: "s", number: 3 })).toEqual([5]);
  expect(numbersAfter(store, { stream: "other", number: 0 })).toEqual([]);
});

it("primes a client with the position before the next event", () => {
  const store = new EventStore();
  store.append("t", "{}");

  const [, number] = /^id: s\.(\d+)\nretry: 700\ndata: \n\n$/.exec(store.prime("s", 700)) ?? [];
  store.append("s", "{}");

  expect(numbersAfter(store, { stream: "s", number: Number(number) })).toEqual([2]);
});

it("keeps the latest 256 events", () => {
  const store = new EventStore();
  for (let index = 0; index < 300; index += 1) store.append("s", "{}");

  expect(numbersAfter(store)).toEqual(Array.from({ length: 256 }, (_, index) => index + 45));
});

it("keeps of one progress token the latest event only", () => {
  const store = new EventStore();
  for (let index = 0; index < 500; index += 1) store.append("s", `{"n":${index}}`, { key: "token" });
  store.append("s", "{}", { key: 1 });
  store.append("t", "{}", { key: "token" });

  expect(numbersAfter(store)).toEqual([500, 501]);
});

it("forgets a stream", () => {
  const store = new EventStore();
  store.append("s", "{}");
  store.append("t", "{}");

  store.forget("s");

  expect([store.has("s"), store.has("t")]).toEqual([false, true]);
});

it("keeps a substitute under the number of an event larger than the store", () => {
  const store = new EventStore();

  const frame = store.append("s", "x".repeat(1_100_000), { substitute: () => "small" });

  expect(frame).toHaveLength(1_100_000 + "event: message\nid: s.1\ndata: \n\n".length);
  expect(store.after(start)).toBe("event: message\nid: s.1\ndata: small\n\n");
});

it("never holds more than 256 events or 1 MiB, and always the latest that fits", () => {
  const sizes = fc.array(fc.record({ size: fc.integer({ min: 0, max: 400_000 }), wide: fc.boolean() }), {
    maxLength: 40,
  });
  const check = fc.check(
    fc.property(sizes, (events) => {
      const store = new EventStore();
      for (const { size, wide } of events) store.append("s", (wide ? "é" : "x").repeat(size));

      const kept = store.after(start);
      const numbers = numbersAfter(store);
      return Buffer.byteLength(kept) <= 1024 * 1024 && numbers.length <= 256 && (numbers.at(-1) ?? 0) === events.length;
    }),
    { numRuns: 100 },
  );

  expect(check).toMatchObject({ failed: false });
});

it("reads back the ids it wrote and nothing else", () => {
  const stream = createStreamId();

  expect(parseEventId(`${stream}.17`)).toEqual({ stream, number: 17 });
  for (const text of [
    undefined,
    "",
    stream,
    `${stream}.`,
    `${stream}.-1`,
    `${stream}.1 `,
    `x${stream}.1`,
    `.${stream}`,
  ]) {
    expect(parseEventId(text)).toBeUndefined();
  }
  fc.assert(fc.property(fc.string(), (text) => parseEventId(text) === undefined || /^[\w-]{16}\.\d+$/.test(text)));
});
