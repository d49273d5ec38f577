import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SchemaWatch } from "../src/resources/schema-watch.ts";

let versions: Map<string, number>;
let reads: string[];
let watch: SchemaWatch;

beforeEach(() => {
  vi.useFakeTimers();
  versions = new Map([["shop", 1]]);
  reads = [];
  watch = new SchemaWatch(async (database) => {
    reads.push(database);
    const version = versions.get(database);
    if (version === undefined) throw new Error("cannot be read");
    return version;
  });
});
afterEach(() => {
  watch[Symbol.dispose]();
  vi.useRealTimers();
});

it("tells about a change somebody else made within a second", async () => {
  let told = 0;
  await watch.watch("shop", () => {
    told += 1;
  });

  versions.set("shop", 2);
  await vi.advanceTimersByTimeAsync(1000);
  await vi.advanceTimersByTimeAsync(5000);

  expect(told).toBe(1);
});

it("tells about our own change at once, and once", async () => {
  let told = 0;
  await watch.watch("shop", () => {
    told += 1;
  });

  versions.set("shop", 2);
  await watch.changed("shop");

  expect(told).toBe(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(told).toBe(1);
});

it("looks at nothing while nobody is subscribed", async () => {
  const one = await watch.watch("shop", () => {});
  const other = await watch.watch("shop", () => {});
  one[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(1000);
  expect(reads.length).toBe(2);

  other[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(60_000);
  await watch.changed("shop");

  expect(reads.length).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

it("polls once for many subscribers and tells each", async () => {
  const told: number[] = [];
  for (let index = 0; index < 3; index += 1) await watch.watch("shop", () => told.push(index));

  versions.set("shop", 2);
  await vi.advanceTimersByTimeAsync(1000);

  expect(told).toEqual([0, 1, 2]);
  expect(reads.length).toBe(2);
});

it("refuses a database that cannot be read and keeps no timer for it", async () => {
  await expect(watch.watch("nope", () => {})).rejects.toThrow("cannot be read");
  await vi.advanceTimersByTimeAsync(3000);

  expect(reads).toEqual(["nope"]);
  expect(vi.getTimerCount()).toBe(0);
});

it("goes on after a moment in which the database cannot be read", async () => {
  let told = 0;
  await watch.watch("shop", () => {
    told += 1;
  });

  versions.delete("shop");
  await vi.advanceTimersByTimeAsync(2000);
  versions.set("shop", 5);
  await vi.advanceTimersByTimeAsync(1000);

  expect(told).toBe(1);
});

it("tells about our own change that came before the first look was over", async () => {
  let told = 0;
  const { promise: looked, resolve: look } = Promise.withResolvers<number>();
  using slow = new SchemaWatch(() => looked);
  const watching = slow.watch("shop", () => {
    told += 1;
  });

  const changed = slow.changed("shop");
  look(2);
  await Promise.all([changed, watching]);
  await vi.advanceTimersByTimeAsync(3000);

  expect(told).toBe(1);
});
