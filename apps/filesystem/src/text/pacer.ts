import { setImmediate } from "node:timers/promises";

const longestTurnMs = 25;

/** Keeps long synchronous work from blocking other calls, and makes it end when its call does. */
export class Pacer {
  readonly #signal: AbortSignal | undefined;
  #turnStart = performance.now();

  /** @param signal The call's signal; its reason is thrown by `pause`. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether this turn of the event loop has been used up; ask it once per piece of work, then await `pause`. */
  get due(): boolean {
    return performance.now() - this.#turnStart >= longestTurnMs;
  }

  /** Lets other work of the process run. */
  async pause(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#turnStart = performance.now();
  }
}
