import { ownPid } from "../../../../apps/sqlite/src/environment.ts";
import { type Bench, defineBench } from "../../harness/define-bench.ts";
import { preciseCpuTime } from "../../load/cpu-time.ts";
import { openDriver } from "./driver.ts";
import { createItems, openPool, pointQuery, read } from "./engines.ts";

const rows = 10_000;
const sides: Record<string, { readonly readers: number }> = {
  "better-sqlite3 in process": { readers: 0 },
  "pool, 1 reader": { readers: 1 },
  "pool, 2 readers": { readers: 2 },
};

export const sqlitePointQuery: Bench = defineBench({
  name: "sqlite",
  title: "primary key point query",
  metrics: {
    rate1: { title: "one at a time", unit: "per-second" },
    rate8: { title: "8 in flight", unit: "per-second" },
    cpu8: { title: "CPU of the main process, 8 in flight", unit: "us" },
  },
  sides,
  prepare: async ({ scratch }) => ({ path: createItems(scratch, rows), [Symbol.asyncDispose]: async () => {} }),
  measure: (side, { quick, shared }) =>
    side.readers === 0 ? inProcess(shared.path) : throughPool(shared.path, side.readers, quick ? 2000 : 8000),
  values: [{ of: "pool, 1 reader", metric: "rate8", direction: "at-least", target: 8000 }],
  ratios: [
    {
      of: "pool, 1 reader",
      to: "better-sqlite3 in process",
      metric: "rate8",
      toMetric: "rate1",
      direction: "at-least",
      title: "pool, 1 reader ÷ in process (either this or 8,000 per second)",
      target: 0.1,
    },
    { of: "pool, 2 readers", to: "pool, 1 reader", metric: "rate8", direction: "at-least", target: 1.2 },
  ],
});

async function inProcess(path: string): Promise<{ rate1: number }> {
  const database = openDriver(path, { readonly: true });
  const statement = database.prepare(pointQuery);
  const count = 50_000;
  const start = performance.now();
  for (let index = 0; index < count; index += 1) statement.get(index % rows);
  const rate1 = (count / (performance.now() - start)) * 1000;
  database.close();
  return { rate1 };
}

async function throughPool(path: string, readers: number, count: number) {
  await using pool = await openPool(path, { readers });
  const run = async (inFlight: number, calls: number): Promise<number> => {
    let next = 0;
    const start = performance.now();
    const worker = async (): Promise<void> => {
      while (next < calls) {
        next += 1;
        await read(pool, pointQuery, { params: [next % rows] });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    return (calls / (performance.now() - start)) * 1000;
  };
  await run(8, count / 2);
  const rate1 = await run(1, count);
  const before = preciseCpuTime(ownPid());
  const rate8 = await run(8, count);
  return { rate1, rate8, cpu8: (preciseCpuTime(ownPid()) - before) / count };
}
