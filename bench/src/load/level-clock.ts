import { quantile } from "../harness/statistics.ts";
import { cpuTime } from "./cpu-time.ts";
import { type Level, type LoadReport, maxCalls } from "./plan.ts";

/** Collects latencies and CPU times of one level. */
export class LevelClock {
  readonly #level: Level;
  readonly #serverPid: number;
  readonly #latencies: Float64Array;
  readonly #started = performance.now();
  readonly #serverCpu: number;
  readonly #ownCpu: number;
  readonly #readOwnCpu: () => number;
  #calls = 0;

  /** @param readOwnCpu CPU time of this process in microseconds. */
  constructor(level: Level, serverPid: number, readOwnCpu: () => number) {
    this.#level = level;
    this.#latencies = new Float64Array(level.calls ?? maxCalls);
    this.#serverPid = serverPid;
    this.#readOwnCpu = readOwnCpu;
    this.#ownCpu = readOwnCpu();
    this.#serverCpu = cpuTime(serverPid);
  }

  /** @returns false when the level is over and no further call must be sent. */
  count(sentAt: number): boolean {
    const now = performance.now();
    this.#latencies[this.#calls] = now - sentAt;
    this.#calls += 1;
    return now - this.#started < this.#level.seconds * 1000 && this.#calls < this.#latencies.length;
  }

  report(): LoadReport {
    const milliseconds = performance.now() - this.#started;
    const serverCpu = cpuTime(this.#serverPid) - this.#serverCpu;
    const ownCpu = this.#readOwnCpu() - this.#ownCpu;
    const sorted = this.#latencies.subarray(0, this.#calls).toSorted();
    return {
      inFlight: this.#level.inFlight,
      calls: this.#calls,
      perSecond: (this.#calls / milliseconds) * 1000,
      p50: quantile(sorted, 0.5) * 1000,
      p99: quantile(sorted, 0.99) * 1000,
      cpuPerCall: serverCpu / this.#calls,
      generatorShare: ownCpu / 1000 / milliseconds,
    };
  }
}
