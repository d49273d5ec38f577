import { type Bench, defineBench } from "../harness/define-bench.ts";
import { resolveCommand } from "../load/http-side.ts";
import { firstAnswer, type ServerCommand, wholeRun } from "../load/server-process.ts";
import { appBin, kitCommand, missingBuild, officialFilesystem, peer } from "../sides/commands.ts";

/** A server to start, or only Node itself. */
type ColdSide = { readonly nothing: readonly string[] } | { readonly command: (directory: string) => ServerCommand };

const sides: Record<string, ColdSide> = {
  "node -e 0": { nothing: ["-e", "0"] },
  "raw line loop": { command: () => peer("raw-stdio-entry.mjs", 1) },
  "SDK v2 from node_modules": { command: () => peer("sdk2-stdio-entry.mjs", 1) },
  "SDK v1 from node_modules": { command: () => peer("sdk1-stdio-entry.mjs", 1) },
  "official filesystem": { command: officialFilesystem },
  "kit from node_modules": { command: () => kitCommand(1, ["--transport", "stdio"]) },
  "bothways filesystem": { command: (directory) => appBin("filesystem", [directory]) },
};

export const coldStart: Bench = defineBench({
  name: "cold",
  title: "spawn to the first initialize answer",
  metrics: { wall: { title: "time", unit: "ms" }, cpu: { title: "CPU until then", unit: "ms" } },
  sides,
  repeat: 4,
  unavailable: (side, room) => ("command" in side ? missingBuild(side.command(room.scratch)) : undefined),
  async measure(side, room) {
    if ("nothing" in side) return { wall: await wholeRun(room.node, side.nothing) };
    const first = await firstAnswer(room.node, resolveCommand(side.command(room.scratch), room));
    return { wall: first.milliseconds, cpu: first.cpu };
  },
  ratios: [
    {
      of: "bothways filesystem",
      to: "official filesystem",
      metric: "wall",
      direction: "at-most",
      target: 0.5,
      stretch: 0.33,
    },
    { of: "bothways filesystem", to: "node -e 0", metric: "wall", direction: "at-most", target: 4, stretch: 2.5 },
    { of: "bothways filesystem", to: "SDK v2 from node_modules", metric: "wall", direction: "at-most", target: 0.6 },
    { of: "bothways filesystem", to: "SDK v2 from node_modules", metric: "cpu", direction: "at-most" },
    { of: "bothways filesystem", to: "official filesystem", metric: "cpu", direction: "at-most" },
    { of: "kit from node_modules", to: "SDK v2 from node_modules", metric: "wall", direction: "at-most" },
  ],
});
