import type { Load } from "./drive.ts";
import type { Level, LoadReport } from "./plan.ts";

/**
 * Keeps the servers of a bench alive from round to round, so that only the first one pays for warming up.
 * A server that nobody calls costs nothing, so the others do not disturb the one that is measured.
 */
export class LoadPool<Side extends object> implements AsyncDisposable {
  readonly #open: (side: Side) => Promise<Load>;
  readonly #loads = new Map<Side, Load>();

  constructor(open: (side: Side) => Promise<Load>) {
    this.#open = open;
  }

  /** Runs the levels against this side's server, which is started the first time. */
  async run(side: Side, levels: readonly Level[]): Promise<LoadReport[]> {
    const load = this.#loads.get(side) ?? (await this.#open(side));
    this.#loads.set(side, load);
    const reports: LoadReport[] = [];
    for (const level of levels) reports.push(await load.run(level));
    return reports;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#loads.values()].map((load) => load[Symbol.asyncDispose]()));
  }
}

/** The same time for each number of calls in flight. */
export function levelsOf(inFlight: readonly number[], quick: boolean): Level[] {
  return inFlight.map((count) => ({ inFlight: count, seconds: quick ? 0.8 : 2.5 }));
}
