import { type Bench, type Comparison, defineBench } from "../harness/define-bench.ts";
import { type HttpSide, type LoadMetric, loadMetrics, openHttpLoad, valuesOf } from "../load/http-side.ts";
import { LoadPool, levelsOf } from "../load/load-pool.ts";
import { kitHttp, missingBuild, peer } from "../sides/commands.ts";

const levels = [1, 16, 64] as const;

const sides: Record<string, HttpSide> = {
  "raw node:http": { command: peer("raw-http-entry.mjs", 1), wire: "modern" },
  "SDK v2, 1 tool": { command: peer("sdk2-modern-entry.mjs", 1), wire: "modern" },
  "SDK v2, 20 tools": { command: peer("sdk2-modern-entry.mjs", 20), wire: "modern" },
  "kit, 1 tool": { command: kitHttp(1), wire: "modern" },
  "kit, 20 tools": { command: kitHttp(20), wire: "modern" },
  "kit, 100 tools": { command: kitHttp(100), wire: "modern" },
};

const ours = { of: "kit, 20 tools" };
const theirs = "SDK v2, 20 tools";

export const httpModern: Bench = defineBench({
  name: "http",
  title: "tools/call echo over HTTP, revision 2026-07-28",
  metrics: loadMetrics(levels),
  sides,
  unavailable: ({ command }) => missingBuild(command),
  prepare: async (room) => new LoadPool((side: HttpSide) => openHttpLoad(side, room, Math.max(...levels))),
  measure: async (side, room) => valuesOf(await room.shared.run(side, levelsOf(levels, room.quick))),
  ratios: [
    ...levels.flatMap((level): Comparison<LoadMetric<typeof level>>[] => [
      { ...ours, to: theirs, metric: `cpu${level}`, direction: "at-most", target: 0.35, stretch: 0.25 },
      { ...ours, to: theirs, metric: `rate${level}`, direction: "at-least", target: 2, stretch: 4 },
      { ...ours, to: "raw node:http", metric: `cpu${level}`, direction: "at-most", target: 2.5, stretch: 1.8 },
    ]),
    { of: "kit, 20 tools", to: "kit, 1 tool", metric: "cpu16", direction: "at-most", target: 1.1 },
    { of: "kit, 100 tools", to: "kit, 1 tool", metric: "cpu16", direction: "at-most", target: 1.25 },
    {
      of: "kit, 20 tools",
      to: "kit, 20 tools",
      metric: "p99-16",
      toMetric: "p50-16",
      direction: "at-most",
      target: 8,
      stretch: 5,
    },
  ],
});
