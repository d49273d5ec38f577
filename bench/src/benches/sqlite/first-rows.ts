import { type Bench, defineBench } from "../../harness/define-bench.ts";
import { quantile } from "../../harness/statistics.ts";
import { createItems, openPool, read } from "./engines.ts";

const large = 1_000_000;
const small = 10_000;

export const sqliteFirstRows: Bench = defineBench({
  name: "sqlite",
  title: "first 1,000 rows of a table",
  metrics: {
    rows: { title: "first 1,000 rows", unit: "ms" },
    bare: { title: "SELECT 1", unit: "ms" },
    over: { title: "difference", unit: "ms" },
  },
  sides: { "1,000,000 rows": large, "10,000 rows": small },
  prepare: async ({ scratch }) => {
    const paths = new Map([large, small].map((rows) => [rows, createItems(scratch, rows)]));
    return { paths, [Symbol.asyncDispose]: async () => {} };
  },
  async measure(size, { quick, shared }) {
    await using pool = await openPool(shared.paths.get(size) ?? "", { readers: 1 });
    const limits = { rows: 1000, bytes: 16 * 1024 * 1024, cell: 4096, offset: 0 };
    const times = { rows: [] as number[], bare: [] as number[] };
    for (let round = 0; round < (quick ? 30 : 100); round += 1) {
      times.rows.push(await timed(() => read(pool, "SELECT * FROM items", { limits })));
      times.bare.push(await timed(() => read(pool, "SELECT 1")));
    }
    const [rows, bare] = [median(times.rows), median(times.bare)];
    return { rows, bare, over: rows - bare };
  },
  values: [{ of: "1,000,000 rows", metric: "over", direction: "at-most", target: 5 }],
  ratios: [{ of: "1,000,000 rows", to: "10,000 rows", metric: "rows", direction: "at-most", target: 1.3 }],
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
