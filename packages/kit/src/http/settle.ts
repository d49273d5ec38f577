import { setTimeout } from "node:timers/promises";

/** Waits for everything, but no longer than `deadlineMs`. */
export async function settleWithin(waiting: readonly Promise<void>[], deadlineMs: number): Promise<void> {
  if (waiting.length === 0) return;
  const done = new AbortController();
  const deadline = setTimeout(deadlineMs, undefined, { signal: done.signal }).catch(() => {});
  await Promise.race([Promise.all(waiting), deadline]);
  done.abort();
}
