import { type Bench, defineBench } from "../../harness/define-bench.ts";
import { quantile } from "../../harness/statistics.ts";
import { createItems, openPool, pointQuery, read, runaway } from "./engines.ts";
import { engineWith, peakMemory, untilGone } from "./process-table.ts";

const deadlineMs = 1000;
const capMib = 256;

export const sqliteRunaways: Bench = defineBench({
  name: "sqlite",
  title: "runaway queries",
  metrics: {
    deadline: { title: "process gone after its deadline", unit: "ms" },
    cancel: { title: "process gone after a cancel", unit: "ms" },
    p99: { title: "p99 of other queries meanwhile", unit: "ms" },
    over: { title: "memory over the cap at the kill", unit: "share" },
  },
  sides: { pool: undefined },
  prepare: async ({ scratch }) => ({ path: createItems(scratch, 10_000), [Symbol.asyncDispose]: async () => {} }),
  measure: async (_, { quick, shared }) => ({
    ...(await byDeadline(shared.path, quick)),
    ...(await byCancel(shared.path)),
    over: await overCap(shared.path),
  }),
  values: [
    { of: "pool", metric: "deadline", direction: "at-most", target: 500 },
    { of: "pool", metric: "cancel", direction: "at-most", target: 500 },
    { of: "pool", metric: "p99", direction: "at-most", target: 50 },
    { of: "pool", metric: "over", direction: "at-most", target: 0.1 },
  ],
});

async function byDeadline(path: string, quick: boolean): Promise<{ deadline: number; p99: number }> {
  await using pool = await openPool(path);
  // Both readers are there before one of them gets stuck.
  const meet = "SELECT count(*) FROM items a JOIN items b ON a.kind = b.kind WHERE a.id < 300";
  await Promise.all([read(pool, meet), read(pool, meet), read(pool, meet)]);
  const start = performance.now();
  const stopped = read(pool, runaway, {}, { deadlineMs }).catch(() => {});
  const pid = await engineWith(path);
  const times: number[] = [];
  while (performance.now() - start < deadlineMs - 100 && times.length < (quick ? 500 : 5000)) {
    const sent = performance.now();
    await read(pool, pointQuery, { params: [times.length] });
    times.push(performance.now() - sent);
  }
  await stopped;
  await untilGone(pid);
  const deadline = performance.now() - start - deadlineMs;
  return {
    deadline,
    p99: quantile(
      times.toSorted((a, b) => a - b),
      0.99,
    ),
  };
}

async function byCancel(path: string): Promise<{ cancel: number }> {
  await using pool = await openPool(path);
  const cancel = new AbortController();
  const stopped = read(pool, runaway, {}, { signal: cancel.signal }).catch(() => {});
  const pid = await engineWith(path);
  const start = performance.now();
  cancel.abort();
  await stopped;
  await untilGone(pid);
  return { cancel: performance.now() - start };
}

/** A text that grows until the cap ends it. */
async function overCap(path: string): Promise<number> {
  await using pool = await openPool(path, { maxMemory: capMib });
  const growing = runaway.replace("count(*)", "group_concat(x || 'sixteen letters!')");
  const stopped = read(pool, growing).catch(() => {});
  const peak = await peakMemory(await engineWith(path));
  await stopped;
  return peak / (capMib * 1024 * 1024) - 1;
}
