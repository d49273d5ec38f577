import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in ticks of 1/100 s on every architecture that Node supports. */
const microsecondsPerTick = 10_000;

/** User and system time of a process, finished threads included, in microseconds; NaN without `/proc`. */
export function cpuTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the name in parentheses and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
  } catch {
    return Number.NaN;
  }
}

/** Like `cpuTime`, exact to nanoseconds, but without threads that have ended: for short-lived processes. */
export function preciseCpuTime(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const run = tasks.map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1").split(" ")[0]),
    );
    return run.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1000;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory of a process in bytes; NaN without `/proc`. */
export function residentMemory(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return kib === undefined ? Number.NaN : Number(kib) * 1024;
  } catch {
    return Number.NaN;
  }
}
