import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckResult, checksOf, type Measured, type SideRounds } from "./checks.ts";
import type { Bench, BenchRoom, MetricInfo } from "./define-bench.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** How a run was asked for. */
export interface RunConfig {
  /** Rounds that count; one more is measured first and dropped. */
  readonly rounds: number;
  readonly quick: boolean;
  readonly node: string;
  readonly sides: string;
  /** Receives one line at a time while the bench runs. */
  progress(line: string): void;
}

/** One bench, measured. */
export interface BenchResult {
  readonly name: string;
  readonly title: string;
  readonly metrics: Readonly<Record<string, MetricInfo>>;
  readonly sides: readonly SideResult[];
  readonly checks: readonly CheckResult[];
  readonly seconds: number;
}

interface SideResult {
  readonly side: string;
  readonly values: Readonly<Record<string, Spread>>;
  /** Why it was not measured: missing build, or the error of its first failed round. */
  readonly skipped?: string;
}

/** Runs the sides of one bench alternately and sums up; a side that fails is reported, not thrown. */
export async function runBench(bench: Bench, config: RunConfig): Promise<BenchResult> {
  const started = performance.now();
  const scratch = await mkdtemp(join(tmpdir(), "bothways-bench-"));
  try {
    const base = { quick: config.quick, node: config.node, sides: config.sides, scratch };
    const skipped = unavailableSides(bench, { ...base, shared: undefined });
    await using shared = await bench.prepare?.({ ...base, shared: undefined });
    const rounds = await measureRounds(bench, { ...base, shared }, skipped, config);
    return {
      name: bench.name,
      title: bench.title,
      metrics: bench.metrics,
      sides: Object.keys(bench.sides).map((side) => sumUp(side, rounds.get(side) ?? [], skipped.get(side))),
      checks: checksOf(bench, rounds),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function unavailableSides(bench: Bench, room: BenchRoom<undefined>): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const [name, side] of Object.entries(bench.sides)) {
    const reason = bench.unavailable?.(side, room);
    if (reason !== undefined) reasons.set(name, reason);
  }
  return reasons;
}

async function measureRounds(
  bench: Bench,
  room: BenchRoom<AsyncDisposable | undefined>,
  skipped: Map<string, string>,
  config: RunConfig,
): Promise<SideRounds> {
  const rounds: SideRounds = new Map();
  const wanted = config.rounds * (bench.repeat ?? 1);
  for (let round = 0; round <= wanted; round += 1) {
    for (const [name, side] of Object.entries(bench.sides)) {
      if (skipped.has(name)) continue;
      config.progress(`${bench.name}: ${bench.title}: round ${round} of ${wanted}: ${name}`);
      try {
        const values = await bench.measure(side, room);
        // Round 0 fills caches of disk, compiler and CPU and is dropped.
        if (round > 0) rounds.set(name, [...(rounds.get(name) ?? []), values]);
      } catch (error) {
        skipped.set(name, error instanceof Error ? error.message : String(error));
        rounds.delete(name);
      }
    }
  }
  return rounds;
}

function sumUp(side: string, rounds: readonly Measured[], skipped?: string): SideResult {
  const lists = new Map<string, number[]>();
  for (const round of rounds) {
    for (const [metric, value] of Object.entries(round)) {
      if (value !== undefined && Number.isFinite(value)) lists.set(metric, [...(lists.get(metric) ?? []), value]);
    }
  }
  const values: Record<string, Spread> = {};
  for (const [metric, list] of lists) {
    const spread = spreadOf(list);
    if (spread !== undefined) values[metric] = spread;
  }
  return skipped === undefined ? { side, values } : { side, values, skipped };
}
