import type { Located } from "../located.ts";
import { refusal } from "../refusal.ts";
import type { Scope } from "../scope.ts";
import type { Intent } from "../walk.ts";

/** A path to be locked, and how it is walked. */
export interface LockTarget {
  readonly path: string;
  readonly intent: Intent;
}

interface Held {
  /** True when others may have run since the call, so that what was known of the paths may be old. */
  readonly waited: boolean;
  release(): void;
}

/** Locks of this process, by key, first come first served. */
export class Locks {
  /** A key is present while it is held; the list holds who waits for it. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /**
   * Walks to each path and holds both its place (parent and name) and the file that is there, so that no other change
   * of this process gets in between; then runs `act` with what is there now.
   *
   * The file alone is not enough, because every atomic write makes a new one; the place alone is not enough, because
   * a file can have several names. All places are taken before any file, each group in one order: no deadlock.
   */
  async with<Result>(
    scope: Scope,
    targets: readonly LockTarget[],
    signal: AbortSignal,
    act: (located: readonly Located[]) => Result | Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      const done = await this.#attempt(scope, targets, signal, act);
      if (done) return done.result;
    }
  }

  /** `undefined` when a link on the way was changed while waiting, so that the locks are those of another place. */
  async #attempt<Result>(
    scope: Scope,
    targets: readonly LockTarget[],
    signal: AbortSignal,
    act: (located: readonly Located[]) => Result | Promise<Result>,
  ): Promise<{ readonly result: Result } | undefined> {
    let found = new Found(scope, targets);
    let files: Held | undefined;
    const places = await this.#acquire(found.places, signal).catch((error: unknown) => found.fail(error));
    try {
      if (places.waited) {
        const before = found.places;
        found = found.again();
        if (!isEqual(before, found.places)) return undefined;
      }
      for (;;) {
        const before = found;
        files = await this.#acquire(found.files, signal);
        if (!files.waited) break;
        found = before.again();
        if (!isEqual(before.places, found.places)) return undefined;
        if (isEqual(before.files, found.files)) break;
        files.release();
      }
      return { result: await act(found.located) };
    } finally {
      files?.release();
      places.release();
      found[Symbol.dispose]();
    }
  }

  async #acquire(keys: readonly string[], signal: AbortSignal): Promise<Held> {
    const held: string[] = [];
    const release = (): void => {
      for (const key of held.splice(0)) this.#release(key);
    };
    let waited = keys.length > 1;
    try {
      for (const key of keys) {
        waited = (await this.#take(key, signal)) || waited;
        held.push(key);
      }
      return { waited, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Resolves when the key is ours; to true when another had it. A free key is taken before this returns. */
  async #take(key: string, signal: AbortSignal): Promise<boolean> {
    const queue = this.#waiting.get(key);
    if (!queue) {
      this.#waiting.set(key, []);
      return false;
    }
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      const place = queue.indexOf(resolve);
      if (place === -1) return;
      queue.splice(place, 1);
      reject(signal.reason instanceof Error ? signal.reason : cancelled());
    };
    signal.addEventListener("abort", giveUp, { once: true });
    queue.push(resolve);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
    return true;
  }

  #release(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next) next();
    else this.#waiting.delete(key);
  }
}

/** Paths that were walked, with the keys of their places and files. */
class Found implements Disposable {
  readonly located: Located[] = [];
  readonly places: readonly string[];
  readonly files: readonly string[];
  readonly #scope: Scope;
  readonly #targets: readonly LockTarget[];

  constructor(scope: Scope, targets: readonly LockTarget[]) {
    this.#scope = scope;
    this.#targets = targets;
    try {
      for (const { path, intent } of targets) this.located.push(scope.locate(path, intent));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    this.places = distinct(this.located.map(({ parent, name }) => `${parent.dev}:${parent.ino}/${name}`));
    this.files = distinct(this.located.flatMap(({ entry }) => (entry ? [`${entry.stat.dev}:${entry.stat.ino}`] : [])));
  }

  /** Walks once more, now that nobody else changes what the keys stand for. */
  again(): Found {
    this[Symbol.dispose]();
    return new Found(this.#scope, this.#targets);
  }

  fail(error: unknown): never {
    this[Symbol.dispose]();
    throw error;
  }

  [Symbol.dispose](): void {
    for (const located of this.located.splice(0)) located[Symbol.dispose]();
  }
}

function distinct(keys: readonly string[]): string[] {
  return [...new Set(keys)].toSorted();
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((key, index) => key === right[index]);
}

function cancelled(): Error {
  return refusal("CANCELLED", "The call was cancelled.", "Call again.");
}
