/** What a queue needs to know of a waiting call. */
export interface Queued {
  readonly principalId: string;
}

/** Waiting calls: callers take turns, the calls of one caller keep their order. */
export class CallQueue<Call extends Queued> {
  readonly #byPrincipal = new Map<string, Call[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(call: Call): void {
    const calls = this.#byPrincipal.get(call.principalId);
    if (calls === undefined) this.#byPrincipal.set(call.principalId, [call]);
    else calls.push(call);
    this.#size += 1;
  }

  /** Puts a call that was taken already before the others of its caller, and its caller before the other callers. */
  putBack(call: Call): void {
    const calls = [call, ...(this.#byPrincipal.get(call.principalId) ?? [])];
    const others = [...this.#byPrincipal].filter(([principal]) => principal !== call.principalId);
    this.#byPrincipal.clear();
    this.#byPrincipal.set(call.principalId, calls);
    for (const [principal, waiting] of others) this.#byPrincipal.set(principal, waiting);
    this.#size += 1;
  }

  /** True when a waiting call fits. */
  has(fits: (call: Call) => boolean): boolean {
    for (const calls of this.#byPrincipal.values()) if (calls.some(fits)) return true;
    return false;
  }

  /** The next call that may run; its caller goes to the end of the line. */
  take(mayRun: (call: Call) => boolean): Call | undefined {
    for (const [principal, calls] of this.#byPrincipal) {
      const index = calls.findIndex(mayRun);
      if (index === -1) continue;
      const [call] = calls.splice(index, 1);
      this.#byPrincipal.delete(principal);
      if (calls.length > 0) this.#byPrincipal.set(principal, calls);
      this.#size -= 1;
      return call;
    }
    return undefined;
  }

  /** Takes a call out, wherever it stands; false when it is not waiting. */
  remove(call: Call): boolean {
    const calls = this.#byPrincipal.get(call.principalId);
    const index = calls?.indexOf(call) ?? -1;
    if (calls === undefined || index === -1) return false;
    calls.splice(index, 1);
    if (calls.length === 0) this.#byPrincipal.delete(call.principalId);
    this.#size -= 1;
    return true;
  }

  /** How many calls of one caller wait. */
  countOf(principalId: string): number {
    return this.#byPrincipal.get(principalId)?.length ?? 0;
  }

  /** The latest call of one caller. */
  lastOf(principalId: string): Call | undefined {
    return this.#byPrincipal.get(principalId)?.at(-1);
  }

  principals(): Iterable<string> {
    return this.#byPrincipal.keys();
  }

  /** Takes out every call. */
  drain(): Call[] {
    const calls = [...this.#byPrincipal.values()].flat();
    this.#byPrincipal.clear();
    this.#size = 0;
    return calls;
  }
}
