import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { childEnvironment } from "../environment.ts";
import { type Bench, type BenchRoom, defineBench } from "../harness/define-bench.ts";
import { residentMemory } from "../load/cpu-time.ts";
import { type HttpSide, resolveCommand, startSide } from "../load/http-side.ts";
import { openIdleSession } from "../load/idle-session.ts";
import { type ServerCommand, startHttpServer, startStdioServer } from "../load/server-process.ts";
import { appBin, kitCommand, kitHttp, missingBuild, officialFilesystem, peer } from "../sides/commands.ts";

/** A process at rest. */
type IdleSide =
  | { readonly kind: "node" }
  | { readonly kind: "stdio" | "http"; readonly command: (directory: string) => ServerCommand };

const http = ["--transport", "http", "--port", "0"];
const idleSides: Record<string, IdleSide> = {
  "bare Node": { kind: "node" },
  "SDK v2 stdio": { kind: "stdio", command: () => peer("sdk2-stdio-entry.mjs", 1) },
  "SDK v1 stdio": { kind: "stdio", command: () => peer("sdk1-stdio-entry.mjs", 1) },
  "official filesystem": { kind: "stdio", command: officialFilesystem },
  "kit stdio": { kind: "stdio", command: () => kitCommand(1, ["--transport", "stdio"]) },
  "kit HTTP": { kind: "http", command: () => kitHttp(1) },
  "bothways filesystem": { kind: "stdio", command: (directory) => appBin("filesystem", [directory]) },
  "bothways filesystem, HTTP": { kind: "http", command: (directory) => appBin("filesystem", [directory, ...http]) },
};

const mib = 1024 * 1024;

export const idleMemory: Bench = defineBench({
  name: "memory",
  title: "resident memory of a started server at rest",
  metrics: { rss: { title: "RSS", unit: "bytes" } },
  sides: idleSides,
  unavailable: (side, room) => (side.kind === "node" ? undefined : missingBuild(side.command(room.scratch))),
  measure: async (side, room) => ({ rss: await restingMemory(side, room) }),
  differences: [
    {
      of: "bothways filesystem",
      to: "bare Node",
      metric: "rss",
      direction: "at-most",
      target: 25 * mib,
      stretch: 15 * mib,
    },
    { of: "bothways filesystem, HTTP", to: "bare Node", metric: "rss", direction: "at-most" },
    { of: "kit stdio", to: "bare Node", metric: "rss", direction: "at-most" },
    { of: "official filesystem", to: "bare Node", metric: "rss", direction: "at-most" },
  ],
});

async function restingMemory(side: IdleSide, room: BenchRoom<unknown>): Promise<number> {
  if (side.kind === "node") {
    const child = spawn(room.node, ["-e", "setInterval(() => {}, 1e9)"], { env: childEnvironment(), stdio: "ignore" });
    try {
      return await settledMemory(child);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  const command = resolveCommand(side.command(room.scratch), room);
  const start = side.kind === "stdio" ? startStdioServer : startHttpServer;
  await using server = await start(room.node, command);
  return await settledMemory(server.child);
}

/** There is no event for "has nothing left to do", so a second has to be enough. */
async function settledMemory({ pid }: ChildProcess): Promise<number> {
  await wait(1000);
  return residentMemory(pid ?? 0);
}

const sessionSides: Record<string, HttpSide> = {
  "SDK v2 session": { command: peer("sdk2-session-entry.mjs", 20, "sse"), wire: "session" },
  "SDK v1 session": { command: peer("sdk1-session-entry.mjs", 20, "sse"), wire: "session" },
  "kit session": { command: kitHttp(20), wire: "session" },
};

export const sessionMemory: Bench = defineBench({
  name: "memory",
  title: "memory of one idle 2025 session with its GET stream, 20 tools",
  metrics: { heap: { title: "heap", unit: "bytes" }, rss: { title: "RSS", unit: "bytes" } },
  sides: sessionSides,
  unavailable: ({ command }) => missingBuild(command),
  measure: (side, room) => memoryPerSession(side, room, room.quick ? 200 : 500),
  values: [{ of: "kit session", metric: "heap", direction: "at-most", target: 100 * 1024, stretch: 40 * 1024 }],
  ratios: [{ of: "kit session", to: ["SDK v1 session", "SDK v2 session"], metric: "heap", direction: "at-most" }],
});

interface HeldMemory {
  readonly heap: number;
  readonly rss: number;
}

async function memoryPerSession(side: HttpSide, room: BenchRoom<unknown>, count: number): Promise<HeldMemory> {
  const nodeArgs = ["--expose-gc", "--import", join(room.sides, "heap-probe-entry.mjs")];
  await using server = await startSide({ ...side, command: { ...side.command, nodeArgs } }, room, true);
  const streams: Disposable[] = [];

  try {
    // The first sessions fill caches that all later ones share.
    for (let index = 0; index < 20; index += 1) streams.push(await openIdleSession(server.port));
    const before = await heldMemory(server.child);
    for (let index = 0; index < count; index += 1) streams.push(await openIdleSession(server.port));
    const after = await heldMemory(server.child);
    return { heap: (after.heap - before.heap) / count, rss: (after.rss - before.rss) / count };
  } finally {
    for (const stream of streams) stream[Symbol.dispose]();
  }
}

async function heldMemory(child: ChildProcess): Promise<HeldMemory> {
  await wait(300);
  const answered = once(child, "message");
  child.send("memory");
  const [usage] = await answered;
  // The probe sends what `process.memoryUsage()` gave.
  const { heapUsed, external, rss } = usage as NodeJS.MemoryUsage;
  return { heap: heapUsed + external, rss };
}
