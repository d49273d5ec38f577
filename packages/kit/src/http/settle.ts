import { setTimeout } from "node:timers/promises";
import type { SessionPlace } from "./session-store.ts";

/** Waits for everything, but no longer than `deadlineMs`. */
export async function settleWithin(waiting: readonly Promise<void>[], deadlineMs: number): Promise<void> {
  if (waiting.length === 0) return;
  const done = new AbortController();
  const deadline = setTimeout(deadlineMs, undefined, { signal: done.signal }).catch(() => {});
  await Promise.race([Promise.all(waiting), deadline]);
  done.abort();
}

/** Waits until no session has a call in flight, those that arrive meanwhile included. */
export async function settlePlaces(places: () => Iterable<SessionPlace>, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const busy = Array.from(places()).filter((place) => place.isBusy);
    const left = deadline - performance.now();
    if (busy.length === 0 || left <= 0) return;
    await settleWithin(
      busy.map((place) => place.settled()),
      left,
    );
  }
}
