import { refusal } from "./refusal.ts";

/** Lets a fixed number of operations run at a time and the rest wait, each connection in its turn. */
export class Turnstile {
  readonly #places: number;
  #taken = 0;
  /** Waiting operations by connection; the connection that waits longest for its turn comes first. */
  readonly #waiting = new Map<object, (() => void)[]>();

  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Waits for a place.
   *
   * @returns Leaves the place; to be called once.
   * @throws the signal's reason when the call ends while it waits.
   */
  async enter(connection: object, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw reasonOf(signal);
    if (this.#taken < this.#places) this.#taken += 1;
    else await this.#wait(connection, signal);
    return () => this.#leave();
  }

  #wait(connection: object, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const queue = this.#waiting.get(connection) ?? [];
    const start = (): void => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    const giveUp = (): void => {
      const place = queue.indexOf(start);
      if (place !== -1) queue.splice(place, 1);
      if (queue.length === 0 && this.#waiting.get(connection) === queue) this.#waiting.delete(connection);
      reject(reasonOf(signal));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    queue.push(start);
    this.#waiting.set(connection, queue);
    return promise;
  }

  /** Hands the place to the next connection's oldest operation, and puts that connection last. */
  #leave(): void {
    for (const [connection, queue] of this.#waiting) {
      const next = queue.shift();
      this.#waiting.delete(connection);
      if (queue.length > 0) this.#waiting.set(connection, queue);
      if (next) return next();
    }
    this.#taken -= 1;
  }
}

function reasonOf(signal: AbortSignal): Error {
  const { reason }: { reason: unknown } = signal;
  return reason instanceof Error ? reason : refusal("CANCELLED", "The call was cancelled.", "Call again.");
}
