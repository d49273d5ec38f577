/** A client's answer to the question for its roots. */
export interface RootsAnswer {
  /** Rises with each question; a later one is newer. */
  readonly number: number;
  /** `undefined` when the client gave no answer in time, or an error. */
  readonly uris: readonly string[] | undefined;
}

/** How long calls wait for the roots that a client has announced, in milliseconds. */
const patienceMs = 5000;

interface Question {
  readonly number: number;
  readonly answered: Promise<void>;
  readonly askedAt: number;
}

const byConnection = new WeakMap<object, RootsRequests>();

/** What one connection has told about its roots; the newest question counts, however the answers arrive. */
export class RootsRequests {
  readonly #ask: () => Promise<readonly string[]>;
  readonly #onClose: (() => void)[] = [];
  #newest: Question | undefined;
  #answer: RootsAnswer = { number: 0, uris: undefined };

  /** @param ask Asks the client. */
  constructor(ask: () => Promise<readonly string[]>) {
    this.#ask = ask;
  }

  /** Asks anew; calls from now on wait for this answer. */
  refresh(): void {
    const number = (this.#newest?.number ?? 0) + 1;
    this.#newest = { number, answered: this.#inquire(number), askedAt: performance.now() };
  }

  /** The answer to the newest question; without `uris` when it does not come in time. `undefined` before the first. */
  async newest(): Promise<RootsAnswer | undefined> {
    for (let question = this.#newest; question; question = this.#newest) {
      if (this.#answer.number >= question.number) return this.#answer;
      const isTimely = await within(question.answered, question.askedAt + patienceMs - performance.now());
      if (question !== this.#newest) continue;
      return isTimely ? this.#answer : { number: question.number, uris: undefined };
    }
    return undefined;
  }

  async #inquire(number: number): Promise<void> {
    // A client that refuses has told nothing; that is an answer too.
    const uris = await this.#ask().catch(() => undefined);
    // An answer to an older question may arrive late; it must not undo what is known by now.
    if (number > this.#answer.number) this.#answer = { number, uris };
  }

  onClose(act: () => void): void {
    this.#onClose.push(act);
  }

  /** To be called when the connection is gone. */
  close(): void {
    for (const act of this.#onClose.splice(0)) act();
  }
}

/** Starts to follow the roots of a connection. */
export function followRoots(connection: object, ask: () => Promise<readonly string[]>): RootsRequests {
  const requests = new RootsRequests(ask);
  byConnection.set(connection, requests);
  return requests;
}

/** What is followed by `followRoots`; `undefined` for a connection without roots. */
export function rootsRequestsOf(connection: object): RootsRequests | undefined {
  return byConnection.get(connection);
}

async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  if (ms <= 0) return false;
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
