/**
 * How to add a row to `pnpm bench`:
 *
 * ```ts
 * export const searchFiles: Bench = defineBench({
 *   name: "filesystem",                      // the word after `pnpm bench`; several benches may share it
 *   title: "search_files over 20,000 files",
 *   metrics: { wall: { title: "wall time", unit: "ms" }, cpu: { title: "CPU", unit: "ms" } },
 *   sides: { official: officialSide, ours: ourSide },
 *   async measure(side, bench) {             // one round of one side; called A B C A B C …
 *     await using server = await openIt(side, bench);
 *     return { wall: await time(server), cpu: … };   // one number per metric; leave out what a side cannot have
 *   },
 *   ratios: [{ of: "ours", to: "official", metric: "wall", direction: "at-most", target: 0.05 }],
 * });
 * ```
 *
 * and list it in `../benches/index.ts`. Put what all rounds share (a generated tree, a database) into `prepare`, which
 * runs once and whose result is disposed at the end; it arrives in `measure` as `bench.shared`.
 *
 * The first round is dropped (cold caches), medians with minimum and maximum are printed. A ratio is taken inside each
 * round and the median of those is printed, so a machine that slows down for a whole round does not move it.
 * A row that misses its target is printed as `misses`; nothing here ever fails the process.
 *
 * Ready-made building blocks: `../load/drive.ts` (HTTP and stdio load in a process of its own, CPU of the server,
 * p50/p99), `../load/server-process.ts` (start a server, wait for its URL or its first answer, end it).
 */
export function defineBench<Side, Metric extends string, Shared extends AsyncDisposable | undefined = undefined>(
  definition: BenchDefinition<Side, Metric, Shared>,
): Bench {
  return definition;
}

/** Units the printer knows; `us`, `ms` are times, `per-second` a rate, `count` a plain number. */
export type Unit = "us" | "ms" | "per-second" | "bytes" | "count" | "share";

export interface MetricInfo {
  readonly title: string;
  readonly unit: Unit;
  /** Metrics of one group are printed side by side, each group as a table of its own. @default one table for all */
  readonly group?: string;
}

/** What a check asks of a number: `at-most` for costs, `at-least` for rates. */
export type Direction = "at-most" | "at-least";

/** A number printed beside its target. */
export interface Check<Metric extends string = string> {
  readonly of: string;
  readonly metric: Metric;
  readonly direction: Direction;
  /** Leave out for a row that is printed for information. */
  readonly target?: number;
  /** A better value we would like; printed, and may be missed. */
  readonly stretch?: number;
  /** @default built from the names of the sides and the metric */
  readonly title?: string;
}

/** A check of one side against another, or of two metrics of one side. */
export interface Comparison<Metric extends string = string> extends Check<Metric> {
  /** With several names the best of them in that round counts: lowest for `at-most`, highest for `at-least`. */
  readonly to: string | readonly string[];
  /** @default `metric` */
  readonly toMetric?: Metric;
}

/** What `measure` and `prepare` may use. */
export interface BenchRoom<Shared> {
  /** True with `--quick`: measure for a shorter time. */
  readonly quick: boolean;
  /** The Node binary that every side runs on. */
  readonly node: string;
  /** Folder of the sides' plain JavaScript files (types stripped, so that no side pays for that at start). */
  readonly sides: string;
  /** A fresh folder under the system's temporary directory, removed at the end. */
  readonly scratch: string;
  readonly shared: Shared;
}

export interface BenchDefinition<Side, Metric extends string, Shared extends AsyncDisposable | undefined> {
  readonly name: string;
  readonly title: string;
  readonly metrics: Readonly<Record<Metric, MetricInfo>>;
  readonly sides: Readonly<Record<string, Side>>;
  /** Rounds measured for each round asked for; cheap measures can afford more than 1. @default 1 */
  readonly repeat?: number;
  /** Why a side cannot run here (for example "build the kit first"), or undefined. */
  unavailable?(side: Side, room: BenchRoom<undefined>): string | undefined;
  prepare?(room: BenchRoom<undefined>): Promise<Shared>;
  measure(side: Side, room: BenchRoom<Shared>): Promise<Partial<Record<Metric, number>>>;
  readonly ratios?: readonly Comparison<NoInfer<Metric>>[];
  /** Like ratios, but `of − to`. */
  readonly differences?: readonly Comparison<NoInfer<Metric>>[];
  /** Checks of a plain number. */
  readonly values?: readonly Check<NoInfer<Metric>>[];
  /** Draws one metric of some sides as a curve into the documentation. */
  readonly curves?: readonly Curve<NoInfer<Metric>>[];
}

/** A line per entry of `lines`; each point is a side and its place on the x axis (logarithmic). */
export interface Curve<Metric extends string = string> {
  /** File name of the plot without its ending. */
  readonly file: string;
  readonly title: string;
  readonly metric: Metric;
  readonly x: string;
  readonly lines: Readonly<Record<string, readonly { readonly side: string; readonly at: number }[]>>;
}

/** A bench as the runner holds it: it hands each bench only its own sides and shared value, so their types are erased. */
export type Bench = BenchDefinition<unknown, string, AsyncDisposable | undefined>;
