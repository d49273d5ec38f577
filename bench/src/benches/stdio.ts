import { type Bench, defineBench } from "../harness/define-bench.ts";
import { loadMetrics, valuesOf } from "../load/http-side.ts";
import { LoadPool, levelsOf } from "../load/load-pool.ts";
import type { ServerCommand } from "../load/server-process.ts";
import { openStdioLoad } from "../load/stdio-side.ts";
import { kitCommand, missingBuild, peer } from "../sides/commands.ts";

const levels = [1, 32] as const;

const sides: Record<string, ServerCommand> = {
  "raw line loop": peer("raw-stdio-entry.mjs", 1),
  "SDK v2, 1 tool": peer("sdk2-stdio-entry.mjs", 1),
  "SDK v2, 20 tools": peer("sdk2-stdio-entry.mjs", 20),
  "SDK v2, 20 tools, 2025 only": peer("sdk2-connect-entry.mjs", 20),
  "SDK v1, 20 tools": peer("sdk1-stdio-entry.mjs", 20),
  "kit, 1 tool": kitCommand(1, ["--transport", "stdio"]),
  "kit, 20 tools": kitCommand(20, ["--transport", "stdio"]),
};

export const stdioEcho: Bench = defineBench({
  name: "stdio",
  title: "tools/call echo over stdio, 2025-11-25",
  metrics: loadMetrics(levels),
  sides,
  unavailable: missingBuild,
  prepare: async (room) => new LoadPool((side: ServerCommand) => openStdioLoad(side, room)),
  measure: async (side, room) => valuesOf(await room.shared.run(side, levelsOf(levels, room.quick))),
  ratios: [
    { of: "kit, 1 tool", to: "SDK v2, 1 tool", metric: "p50-1", direction: "at-most", target: 1, stretch: 0.7 },
    { of: "kit, 1 tool", to: "SDK v2, 1 tool", metric: "cpu32", direction: "at-most", target: 0.9 },
    { of: "kit, 1 tool", to: "SDK v2, 1 tool", metric: "rate32", direction: "at-least", target: 1.5, stretch: 2.5 },
    { of: "kit, 20 tools", to: "SDK v2, 20 tools", metric: "p50-1", direction: "at-most", target: 1, stretch: 0.7 },
    { of: "kit, 20 tools", to: "SDK v2, 20 tools", metric: "cpu32", direction: "at-most", target: 0.9 },
    { of: "kit, 20 tools", to: "SDK v2, 20 tools", metric: "rate32", direction: "at-least", target: 1.5, stretch: 2.5 },
    { of: "kit, 20 tools", to: "SDK v2, 20 tools, 2025 only", metric: "cpu32", direction: "at-most" },
    { of: "kit, 20 tools", to: "SDK v1, 20 tools", metric: "cpu32", direction: "at-most" },
    { of: "kit, 20 tools", to: "raw line loop", metric: "cpu32", direction: "at-most" },
  ],
});
