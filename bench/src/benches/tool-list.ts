import { type Bench, defineBench } from "../harness/define-bench.ts";
import { type HttpSide, loadMetrics, openHttpLoad, valuesOf } from "../load/http-side.ts";
import { LoadPool, levelsOf } from "../load/load-pool.ts";
import { kitHttp, missingBuild, peer } from "../sides/commands.ts";

const levels = [16] as const;

const sides: Record<string, HttpSide> = {
  "SDK v2, 20 tools": { command: peer("sdk2-modern-entry.mjs", 20), wire: "modern", request: "tools/list" },
  "kit, 20 tools": { command: kitHttp(20), wire: "modern", request: "tools/list" },
};

/** Shows whether schemas are converted for each request or once for the process. */
export const toolList: Bench = defineBench({
  name: "http",
  title: "tools/list over HTTP, revision 2026-07-28, 20 tools (K16)",
  metrics: loadMetrics(levels),
  sides,
  unavailable: ({ command }) => missingBuild(command),
  prepare: async (room) => new LoadPool((side: HttpSide) => openHttpLoad(side, room, 16)),
  measure: async (side, room) => valuesOf(await room.shared.run(side, levelsOf(levels, room.quick))),
  ratios: [{ of: "kit, 20 tools", to: "SDK v2, 20 tools", metric: "cpu16", direction: "at-most" }],
});
