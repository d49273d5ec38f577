/**
 * Watchdog thread of an engine process: kills the process when its job takes too long or too much memory, or when the
 * main process is gone. SQLite cannot be interrupted from inside, so killing is all there is.
 */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { cell, lastWords, type WatchdogData } from "./watchdog.ts";

/** The main process kills at the deadline itself; this is for when it cannot. */
const graceMs = 250;
const pollMs = 25;
/** Close to the cap a process can pass it by far within one poll. */
const urgentPollMs = 4;
const idleBeforeSleepMs = 1000;

// The engine's entry starts this thread with exactly this shape.
const { cells, maxMemory, parentPid }: WatchdogData = workerData;

for (let job = 0, since = performance.now(); ; ) {
  const current = Atomics.load(cells, cell.job);
  const now = performance.now();
  if (current !== job) [job, since] = [current, now];
  const elapsed = now - since;
  const resident = process.memoryUsage.rss();
  Atomics.store(cells, cell.resident, Math.ceil(resident / 1024));
  if (process.ppid !== parentPid) end();
  if (isRunning(job)) {
    if (resident > maxMemory) end(lastWords.memory);
    if (elapsed > Atomics.load(cells, cell.remaining) + graceMs) end(lastWords.deadline);
  } else if (elapsed > idleBeforeSleepMs) {
    sleep();
    continue;
  }
  Atomics.wait(cells, cell.wake, Atomics.load(cells, cell.wake), resident > maxMemory / 2 ? urgentPollMs : pollMs);
}

function isRunning(job: number): boolean {
  return (job & 1) === 1;
}

/** Waits for the next job without using the processor; a job announced meanwhile is seen before or by the wait. */
function sleep(): void {
  const wake = Atomics.load(cells, cell.wake);
  Atomics.store(cells, cell.sleeping, 1);
  if (!isRunning(Atomics.load(cells, cell.job))) Atomics.wait(cells, cell.wake, wake);
  Atomics.store(cells, cell.sleeping, 0);
}

function end(words?: string): void {
  try {
    if (words !== undefined) writeSync(2, `${words}\n`);
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
  // The signal ends all threads at once; nothing after it may run.
  Atomics.wait(cells, cell.wake, Atomics.load(cells, cell.wake));
}
