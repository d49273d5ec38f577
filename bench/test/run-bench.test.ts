import { expect, it } from "vitest";
import { defineBench } from "../src/harness/define-bench.ts";
import { runBench } from "../src/harness/run-bench.ts";

const config = { rounds: 3, quick: true, node: "node", sides: "", progress: () => {} };
const metrics = { wall: { title: "wall time", unit: "ms" } } as const;

it("runs the sides alternately and drops the first round", async () => {
  const order: string[] = [];
  const bench = defineBench({
    name: "test",
    title: "order",
    metrics,
    sides: { a: "a", b: "b" },
    measure: async (side) => ({ wall: order.push(side) }),
  });

  const { sides } = await runBench(bench, config);

  expect(order).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"]);
  expect(sides[0]?.values["wall"]).toEqual({ median: 5, min: 3, max: 7, samples: 3 });
});

it("takes a ratio inside each round, so that a slow round does not move it", async () => {
  const slowness = [1, 1, 1, 10, 10, 10, 100, 100, 100, 1000, 1000, 1000];
  let turn = 0;
  const bench = defineBench({
    name: "test",
    title: "ratio",
    metrics,
    sides: { ours: 2, theirs: 8, others: 4 },
    measure: async (side) => ({ wall: side * (slowness[turn++] ?? Number.NaN) }),
    ratios: [
      { of: "ours", to: "theirs", metric: "wall", direction: "at-most", target: 0.25 },
      { of: "ours", to: ["theirs", "others"], metric: "wall", direction: "at-most", target: 0.25 },
    ],
  });

  const { checks } = await runBench(bench, config);

  expect(checks.map(({ value, verdict }) => [value?.min, value?.max, verdict])).toEqual([
    [0.25, 0.25, "meets"],
    [0.5, 0.5, "misses"],
  ]);
});

it("reports a side that fails and measures the others", async () => {
  const bench = defineBench({
    name: "test",
    title: "failure",
    metrics,
    sides: { good: 1, bad: 0, missing: -1 },
    unavailable: (side) => (side < 0 ? "not built" : undefined),
    measure: async (side) => {
      if (side === 0) throw new Error("it broke");
      return { wall: side };
    },
    ratios: [{ of: "good", to: "bad", metric: "wall", direction: "at-most", target: 1 }],
  });

  const { sides, checks } = await runBench(bench, config);

  expect(sides.map(({ side, skipped }) => [side, skipped])).toEqual([
    ["good", undefined],
    ["bad", "it broke"],
    ["missing", "not built"],
  ]);
  expect(checks[0]?.verdict).toBe("not measured");
});
