import { type Bench, type BenchRoom, type Curve, defineBench } from "../harness/define-bench.ts";
import { type HttpSide, loadMetrics, openHttpLoad, valuesOf } from "../load/http-side.ts";
import { LoadPool, levelsOf } from "../load/load-pool.ts";
import { kitHttp, missingBuild, peer } from "../sides/commands.ts";

const toolCounts = [1, 20, 100];
const sessionCounts = [1, 100, 1000];
const bodies = [
  { label: "1 KB", bytes: 1000 },
  { label: "100 KB", bytes: 100_000 },
  { label: "1 MB", bytes: 1_000_000 },
];

export const scaleTools: Bench = defineBench({
  name: "scale",
  title: "cost of one modern call against the number of tools",
  ...loadOf([16]),
  sides: Object.fromEntries(
    toolCounts.flatMap((count): [string, HttpSide][] => [
      [`SDK v2, ${count} tools`, { command: peer("sdk2-modern-entry.mjs", count), wire: "modern" }],
      [`kit, ${count} tools`, { command: kitHttp(count), wire: "modern" }],
    ]),
  ),
  ratios: [
    { of: "kit, 20 tools", to: "kit, 1 tools", metric: "cpu16", direction: "at-most", target: 1.1 },
    { of: "kit, 100 tools", to: "kit, 1 tools", metric: "cpu16", direction: "at-most", target: 1.25 },
    { of: "SDK v2, 100 tools", to: "SDK v2, 1 tools", metric: "cpu16", direction: "at-most" },
  ],
  curves: [
    {
      file: "tools",
      title: "CPU per call against tools",
      metric: "cpu16",
      x: "tools",
      lines: lines(["kit", "SDK v2"], toolCounts, (line, count) => `${line}, ${count} tools`),
    },
  ],
});

export const scaleSessions: Bench = defineBench({
  name: "scale",
  title: "cost of one 2025 call against the number of open sessions",
  ...loadOf([16]),
  sides: Object.fromEntries(
    sessionCounts.flatMap((count): [string, HttpSide][] => [
      [
        `SDK v2, ${count} sessions`,
        { command: peer("sdk2-session-entry.mjs", 20, "json"), wire: "session", sessions: count },
      ],
      [`kit, ${count} sessions`, { command: kitHttp(20), wire: "session", sessions: count }],
    ]),
  ),
  ratios: [
    { of: "kit, 1000 sessions", to: "kit, 1 sessions", metric: "cpu16", direction: "at-most" },
    { of: "SDK v2, 1000 sessions", to: "SDK v2, 1 sessions", metric: "cpu16", direction: "at-most" },
  ],
  curves: [
    {
      file: "sessions",
      title: "CPU per call against sessions",
      metric: "cpu16",
      x: "sessions",
      lines: lines(["kit", "SDK v2"], sessionCounts, (line, count) => `${line}, ${count} sessions`),
    },
  ],
});

export const scaleBody: Bench = defineBench({
  name: "scale",
  title: "cost of one modern call against the size of its text (sent and returned twice)",
  ...loadOf([4]),
  sides: Object.fromEntries(
    bodies.flatMap(({ label, bytes }): [string, HttpSide][] => [
      [`raw node:http, ${label}`, { command: peer("raw-http-entry.mjs", 1), wire: "modern", textBytes: bytes }],
      [`SDK v2, ${label}`, { command: peer("sdk2-modern-entry.mjs", 1), wire: "modern", textBytes: bytes }],
      [`kit, ${label}`, { command: kitHttp(1), wire: "modern", textBytes: bytes }],
    ]),
  ),
  ratios: bodies.flatMap(({ label }) => [
    { of: `kit, ${label}`, to: `raw node:http, ${label}`, metric: "cpu4", direction: "at-most" } as const,
    { of: `kit, ${label}`, to: `SDK v2, ${label}`, metric: "cpu4", direction: "at-most" } as const,
  ]),
  curves: [
    {
      file: "body",
      title: "CPU per call against bytes of text",
      metric: "cpu4",
      x: "bytes of text",
      lines: lines(
        ["kit", "SDK v2", "raw node:http"],
        bodies.map(({ bytes }) => bytes),
        (line, size) => `${line}, ${bodies.find(({ bytes }) => bytes === size)?.label ?? ""}`,
      ),
    },
  ],
});

/** The parts that the three benches share: the same load against HTTP sides. */
function loadOf<const Count extends number>(counts: readonly Count[]) {
  return {
    metrics: loadMetrics(counts),
    unavailable: ({ command }: HttpSide) => missingBuild(command),
    prepare: async (room: BenchRoom<undefined>) =>
      new LoadPool((side: HttpSide) => openHttpLoad(side, room, Math.max(...counts))),
    measure: async (side: HttpSide, room: BenchRoom<LoadPool<HttpSide>>) =>
      valuesOf(await room.shared.run(side, levelsOf(counts, room.quick))),
  };
}

function lines(
  names: readonly string[],
  places: readonly number[],
  sideOf: (name: string, place: number) => string,
): Curve["lines"] {
  return Object.fromEntries(names.map((name) => [name, places.map((at) => ({ side: sideOf(name, at), at }))]));
}
