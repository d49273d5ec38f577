import { refusal } from "./refusal.ts";

const perProcess = 256;
const perConnection = 64;

/** Counts watches, because each one holds a scarce thing of the system. */
export class WatchQuota {
  #all = 0;
  readonly #byConnection = new WeakMap<object, number>();

  /**
   * Takes a place.
   *
   * @returns Gives it back; to be called once.
   * @throws {FailureError} `TOO_LARGE` when there is none.
   */
  enter(connection: object): () => void {
    const own = this.#byConnection.get(connection) ?? 0;
    if (own >= perConnection) throw full(`This connection has ${perConnection} subscriptions`);
    if (this.#all >= perProcess) throw full(`This server has ${perProcess} subscriptions`);
    this.#all += 1;
    this.#byConnection.set(connection, own + 1);
    return () => {
      this.#all -= 1;
      this.#byConnection.set(connection, (this.#byConnection.get(connection) ?? 1) - 1);
    };
  }
}

function full(sentence: string): Error {
  return refusal("TOO_LARGE", `${sentence} already, the most it may have.`, "Unsubscribe from one first.");
}
