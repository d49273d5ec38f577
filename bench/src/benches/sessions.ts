import { type Bench, type Comparison, defineBench } from "../harness/define-bench.ts";
import { type HttpSide, type LoadMetric, loadMetrics, openHttpLoad, valuesOf } from "../load/http-side.ts";
import { LoadPool, levelsOf } from "../load/load-pool.ts";
import { kitHttp, missingBuild, peer } from "../sides/commands.ts";

const levels = [1, 16, 64] as const;

const sides: Record<string, HttpSide> = {
  "raw node:http": { command: peer("raw-http-entry.mjs", 1), wire: "stateless" },
  "SDK v2 session, SSE": { command: peer("sdk2-session-entry.mjs", 20, "sse"), wire: "session" },
  "SDK v2 session, JSON": { command: peer("sdk2-session-entry.mjs", 20, "json"), wire: "session" },
  "SDK v1 session, SSE": { command: peer("sdk1-session-entry.mjs", 20, "sse"), wire: "session" },
  "SDK v1 session, JSON": { command: peer("sdk1-session-entry.mjs", 20, "json"), wire: "session" },
  "kit session": { command: kitHttp(20), wire: "session" },
  "SDK v2 stateless": { command: peer("sdk2-modern-entry.mjs", 20), wire: "stateless" },
  "kit stateless": { command: kitHttp(20, "--sessions", "stateless"), wire: "stateless" },
};

const sdk2 = ["SDK v2 session, SSE", "SDK v2 session, JSON"];
const sdk1 = ["SDK v1 session, SSE", "SDK v1 session, JSON"];

export const httpSessions: Bench = defineBench({
  name: "sessions",
  title: "tools/call echo over HTTP, revision 2025-11-25, 20 tools",
  metrics: loadMetrics(levels),
  sides,
  unavailable: ({ command }) => missingBuild(command),
  prepare: async (room) => new LoadPool((side: HttpSide) => openHttpLoad(side, room, Math.max(...levels))),
  measure: async (side, room) => valuesOf(await room.shared.run(side, levelsOf(levels, room.quick))),
  ratios: levels.flatMap((level): Comparison<LoadMetric<typeof level>>[] => [
    {
      of: "kit session",
      to: [...sdk1, ...sdk2],
      title: "kit session ÷ best SDK session",
      metric: `cpu${level}`,
      direction: "at-most",
      target: 0.6,
      stretch: 0.45,
    },
    {
      of: "kit session",
      to: sdk2,
      title: "kit session ÷ best SDK v2 session",
      metric: `rate${level}`,
      direction: "at-least",
      target: 1.3,
    },
    {
      of: "kit session",
      to: sdk1,
      title: "kit session ÷ best SDK v1 session",
      metric: `rate${level}`,
      direction: "at-least",
      target: 1,
    },
    { of: "kit session", to: "raw node:http", metric: `cpu${level}`, direction: "at-most" },
    { of: "kit stateless", to: "SDK v2 stateless", metric: `cpu${level}`, direction: "at-most" },
  ]),
});
