/** Counts calls in flight and cuts the rest when a drain has waited long enough. */
export class Calls {
  readonly #cuts = new Set<() => void>();
  readonly #idle: (() => void)[] = [];

  get active(): number {
    return this.#cuts.size;
  }

  /**
   * Notes a call.
   *
   * @param cut Called when the drain deadline passes before the call has ended.
   * @returns Ends the call; idempotent.
   */
  begin(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => {
      if (this.#cuts.delete(cut) && this.#cuts.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
  }

  /** Resolves when no call is in flight; after `deadlineMs` the rest is cut first. */
  async drain(deadlineMs: number): Promise<"drained" | "cut"> {
    if (this.#cuts.size === 0) return "drained";
    const { promise, resolve } = Promise.withResolvers<"drained" | "cut">();
    this.#idle.push(() => resolve("drained"));
    const timer = setTimeout(() => resolve("cut"), deadlineMs);
    const outcome = await promise;
    clearTimeout(timer);
    if (outcome === "cut") for (const cut of this.#cuts) cut();
    return outcome;
  }
}
