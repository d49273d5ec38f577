import { type Bench, defineBench } from "../harness/define-bench.ts";
import { type HttpSide, loadMetrics, openHttpLoad, valuesOf } from "../load/http-side.ts";
import { LoadPool, levelsOf } from "../load/load-pool.ts";
import { kitHttp, missingBuild, peer } from "../sides/commands.ts";

const levels = [16] as const;
const broken = { wire: "modern", textBytes: 2000, request: "broken" } as const;

const sides: Record<string, HttpSide> = {
  "raw node:http": { command: peer("raw-http-entry.mjs", 1), ...broken },
  kit: { command: kitHttp(1), ...broken },
};

/**
 * What checks 1 to 12 cost: both sides read 2 KB, find at its last byte that it is no JSON, and refuse it with 400; only
 * the kit has looked at Host, Origin, path, method, media type, length and structure before.
 */
export const edgeChecks: Bench = defineBench({
  name: "http",
  title: "the edge: a 2 KB body refused by the last check",
  metrics: loadMetrics(levels),
  sides,
  unavailable: ({ command }) => missingBuild(command),
  prepare: async (room) => new LoadPool((side: HttpSide) => openHttpLoad(side, room, 16)),
  measure: async (side, room) => valuesOf(await room.shared.run(side, levelsOf(levels, room.quick))),
  differences: [{ of: "kit", to: "raw node:http", metric: "cpu16", direction: "at-most", target: 25 }],
});
