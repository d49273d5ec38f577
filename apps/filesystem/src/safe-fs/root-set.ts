import { closeSync } from "node:fs";
import type { Root } from "./roots.ts";

/** Directories in force for a time; their descriptors live until the last call that uses them has ended. */
export class RootSet {
  readonly roots: readonly Root[];
  readonly #owned: readonly Root[];
  #users = 0;
  #isRetired = false;

  /** @param owned Those of `roots` that are closed with this set; the others belong to another one. */
  constructor(roots: readonly Root[], owned: readonly Root[]) {
    this.roots = roots;
    this.#owned = owned;
  }

  /** Keeps the descriptors open; to be followed by `release`. */
  use(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    this.#closeWhenIdle();
  }

  /** No call will use this set any more, but for those that do. */
  retire(): void {
    this.#isRetired = true;
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (!this.#isRetired || this.#users > 0) return;
    this.#isRetired = false;
    for (const { directory } of this.#owned) closeSync(directory.fd);
  }
}
