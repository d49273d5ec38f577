import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FailureError } from "@bothways/kit";
import { RootSet } from "./root-set.ts";
import { isBelow, isSameDirectory, narrowedRoot, openClientRoot, type Root, type RootSettings } from "./roots.ts";
import type { RootsAnswer, RootsRequests } from "./roots-requests.ts";
import { Scope } from "./scope.ts";

/** What client roots do to the operator's directories, unless they are ignored. */
export type RootsMode = "narrow" | "replace";

/**
 * The directories of one connection, as its client's roots leave them.
 *
 * Narrowing only ever takes away: once a root has overlapped, a list without overlap means no directory at all.
 */
export class ConnectionRoots {
  readonly #mode: RootsMode;
  readonly #base: RootSet;
  readonly #settings: RootSettings;
  readonly #requests: RootsRequests;
  #applied = 0;
  #isNarrowed = false;
  #current: RootSet;

  /** @param base The operator's directories. */
  constructor(mode: RootsMode, base: RootSet, settings: RootSettings, requests: RootsRequests) {
    this.#mode = mode;
    this.#base = base;
    this.#settings = settings;
    this.#requests = requests;
    this.#current = base;
    requests.onClose(() => this.#replace(nothing));
  }

  /** The directories in force now; waits for roots that the client has announced. */
  async current(): Promise<RootSet> {
    const answer = await this.#requests.newest();
    if (answer && answer.number > this.#applied) this.#apply(answer);
    return this.#current;
  }

  #apply({ number, uris }: RootsAnswer): void {
    if (uris === undefined) {
      // Of the operator's directories the old choice is never too much; of the client's own it may be.
      if (this.#mode === "replace") this.#replace(nothing);
      return;
    }
    this.#applied = number;
    const paths = uris.flatMap((uri) => this.#pathOf(uri));
    if (this.#mode === "replace") this.#replace(this.#opened(paths));
    else this.#narrow(paths);
  }

  #narrow(paths: readonly string[]): void {
    const next = this.#overlap(paths);
    if (next.roots.length > 0) this.#isNarrowed = true;
    this.#replace(next.roots.length > 0 || this.#isNarrowed ? next : this.#base);
  }

  #replace(next: RootSet): void {
    const before = this.#current;
    this.#current = next;
    if (before !== this.#base && before !== nothing) before.retire();
  }

  /** What the operator's directories and the client's have in common, in the client's order. */
  #overlap(paths: readonly string[]): RootSet {
    const roots: Root[] = [];
    const owned: Root[] = [];
    for (const path of paths) {
      const inside = this.#inside(path);
      const whole = this.#base.roots.filter((root) => isAbove(inside?.path ?? path, root));
      if (inside) owned.push(inside);
      if (!inside && whole.length === 0) this.#settings.skip(path, "a client root outside every directory");
      roots.push(...(inside ? [inside] : []), ...whole);
    }
    return new RootSet(distinct(roots), owned);
  }

  /** The client's directory where it lies inside one of the operator's, but is not one itself. */
  #inside(path: string): Root | undefined {
    try {
      using located = new Scope(this.#settings.containment, this.#base.roots).locate(path);
      if (located.type !== "directory" || located.name === "") return undefined;
      return narrowedRoot(this.#settings.containment, located, path);
    } catch (error) {
      if (error instanceof FailureError) return undefined;
      throw error;
    }
  }

  #opened(paths: readonly string[]): RootSet {
    const roots: Root[] = [];
    for (const path of paths) {
      try {
        roots.push(openClientRoot(path, this.#settings));
      } catch (error) {
        this.#settings.skip(path, error instanceof Error && "code" in error ? String(error.code) : "unusable");
      }
    }
    return new RootSet(distinct(roots), roots);
  }

  #pathOf(uri: string): string[] {
    try {
      return [fileURLToPath(uri)];
    } catch {
      this.#settings.skip(uri, "a client root that is no file: uri of this machine");
      return [];
    }
  }
}

/** No directory at all. */
const nothing = new RootSet([], []);

/** True when a root is a path itself or lies below it, links in the path resolved. */
function isAbove(path: string, root: Root): boolean {
  return [path, realPath(path)].some((above) => root.path === above || isBelow(root.path, above));
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    // Gone or unreadable: then its spelling is all there is.
    return path;
  }
}

function distinct(roots: readonly Root[]): Root[] {
  return roots.filter(
    (root, index) => roots.findIndex(({ directory }) => isSameDirectory(directory, root.directory)) === index,
  );
}
