import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { ownPid } from "../../../../apps/sqlite/src/environment.ts";

/** Engine processes that were started by a process. */
export function enginesOf(parent: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isEngineOf(pid, parent));
}

/** The engine of this process that was the last to open a file. */
export async function engineWith(path: string): Promise<number> {
  for (;;) {
    const pid = enginesOf(ownPid()).findLast((one) => hasOpen(one, path));
    if (pid !== undefined) return pid;
    await wait(1);
  }
}

/** Waits until a process has ended. */
export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await wait(1);
}

/** The most bytes a process had resident until it ended. */
export async function peakMemory(pid: number): Promise<number> {
  let peak = 0;
  for (; isAlive(pid); await wait(1)) {
    const kib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    peak = Math.max(peak, kib * 1024);
  }
  return peak;
}

function isEngineOf(pid: number, parent: number): boolean {
  const isChild = fields(pid)[1] === String(parent);
  return isChild && read(`/proc/${pid}/cmdline`).includes("engine-entry");
}

function isAlive(pid: number): boolean {
  const [state] = fields(pid);
  return state !== undefined && state !== "" && state !== "Z";
}

function hasOpen(pid: number, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
  } catch {
    return false;
  }
}

/** Fields from the state on; the program's name before them may hold anything. */
function fields(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** A process may end at any moment: what is gone reads as empty. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
