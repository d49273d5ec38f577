import { chmodSync, closeSync, type Stats, statSync, utimesSync } from "node:fs";
import { fileModeMask } from "../../environment.ts";
import type { Pacer } from "../../text/pacer.ts";
import type { Entry, HeldDirectory } from "../containment.ts";
import { Guest, type Located, pathBelow } from "../located.ts";
import { codeOf, errnoOf, exists, readOnly, refusal } from "../refusal.ts";
import { isHidden, isSameDirectory, type Root } from "../roots.ts";
import type { Scope } from "../scope.ts";
import { makeDirectory } from "./make-directories.ts";
import { type StoredDirectory, type StoredName, walkSubtree } from "./subtree.ts";

/** Copies one entry that is no directory to a place that may hold something. */
export type CopyLeaf = (source: Located, destination: Located) => Promise<number>;

/** How a directory is to be copied. */
export interface CopyTreeOptions {
  readonly overwrite: boolean;
  readonly preserveTimestamps: boolean;
  readonly copyLeaf: CopyLeaf;
  readonly progress: (files: number) => void;
}

/** What was copied, and what was not. */
export interface TreeCopied {
  files: number;
  directories: number;
  bytes: number;
  readonly skipped: { readonly path: string; readonly code: string }[];
}

/** A directory that is being filled, and where it is in terms of allowed directories. */
interface Target {
  readonly held: HeldDirectory;
  readonly root: Root;
  readonly names: readonly string[];
  readonly created: boolean;
  /** What the directory it is a copy of was when it was entered. */
  readonly source: Pick<Stats, "mode" | "atimeMs" | "mtimeMs">;
}

const maxSkipped = 100;

/**
 * Copies what is below a located directory into another one; what cannot be copied is skipped and reported, what
 * `--deny` hides is not there.
 *
 * @param destination A directory that exists, whose place is locked.
 */
export async function copyTree(
  scope: Scope,
  source: Located,
  destination: Located,
  options: CopyTreeOptions,
  pacer: Pacer,
): Promise<TreeCopied> {
  const copy = new TreeCopy(scope, destination, options);
  try {
    await walkSubtree(scope, source, copy, pacer);
    options.progress(copy.result.files);
    return copy.result;
  } finally {
    copy[Symbol.dispose]();
  }
}

class TreeCopy implements Disposable {
  readonly result: TreeCopied = { files: 0, directories: 1, bytes: 0, skipped: [] };
  readonly #scope: Scope;
  readonly #options: CopyTreeOptions;
  readonly #targets: Target[];

  constructor(scope: Scope, destination: Located, options: CopyTreeOptions) {
    this.#scope = scope;
    this.#options = options;
    const { directory: held, root, names } = destination;
    this.#targets = [{ held, root, names, created: false, source: { mode: 0, atimeMs: 0, mtimeMs: 0 } }];
  }

  entry = async ({ name, raw, type }: StoredName, parent: StoredDirectory): Promise<boolean> => {
    if (isHidden(parent.root, parent.place.join("/"), name)) return false;
    if (type === "directory") return true;
    try {
      if (raw) throw refusal("INVALID_INPUT", "A name is not valid UTF-8.", "Rename it by other means.");
      using source = this.#locate(parent.held, name, parent.root, parent.place);
      const { held, root: targetRoot, names: targetNames } = this.#target;
      this.#assertVisible(name);
      using destination = this.#locate(held, name, targetRoot, targetNames);
      if (destination.entry && !this.#options.overwrite) throw exists(name);
      this.result.bytes += await this.#options.copyLeaf(source, destination);
      this.result.files += 1;
      if (this.result.files % 50 === 0) this.#options.progress(this.result.files);
    } catch (error) {
      this.failed([...parent.names, name], error);
    }
    return false;
  };

  /** Makes or finds the directory's counterpart; what already has its name is never followed or replaced. */
  enter = ({ names, held: original }: StoredDirectory): boolean => {
    const { held, root, names: above } = this.#target;
    const name = names.at(-1) ?? "";
    const { containment, roots } = this.#scope;
    try {
      this.#assertVisible(name);
      const created = makeDirectory(containment, held, name, 0o700);
      if (!created && !this.#options.overwrite) throw exists(name);
      const source = containment.here(original, (path) => statSync(path));
      const { fd, stat } = containment.look(held, name);
      const own = roots.find(({ directory }) => isSameDirectory(directory, stat));
      if (!stat.isDirectory() || own?.access === "ro") {
        if (fd !== -1) closeSync(fd);
        throw own ? readOnly(name) : exists(name);
      }
      const below = { fd, dev: stat.dev, ino: stat.ino, path: pathBelow(held.path, [name]) };
      this.#targets.push({ held: below, root: own ?? root, names: own ? [] : [...above, name], created, source });
      this.result.directories += 1;
      return true;
    } catch (error) {
      this.failed(names, error);
      return false;
    }
  };

  /** Sets what filling the directory would have changed, or made impossible. */
  leave = (): void => {
    const target = this.#targets.pop();
    if (!target) return;
    const { held, created, source } = target;
    const { containment } = this.#scope;
    const { mode, atimeMs, mtimeMs } = source;
    if (created) containment.here(held, (path) => chmodSync(path, mode & 0o777 & ~fileModeMask()));
    if (this.#options.preserveTimestamps) {
      containment.here(held, (path) => utimesSync(path, atimeMs / 1000, mtimeMs / 1000));
    }
    closeSync(held.fd);
  };

  failed = (names: readonly string[], error: unknown): void => {
    const path = names.join("/");
    const code = codeOf(error, path);
    if (code === "CANCELLED" || code === "TIMEOUT") throw error;
    if (this.result.skipped.length < maxSkipped) this.result.skipped.push({ path, code });
  };

  [Symbol.dispose](): void {
    for (const { held } of this.#targets.slice(1)) closeSync(held.fd);
  }

  get #target(): Target {
    const target = this.#targets.at(-1);
    if (!target) throw new Error("the copy lost its target");
    return target;
  }

  #assertVisible(name: string): void {
    const { root, names } = this.#target;
    if (!isHidden(root, names.join("/"), name)) return;
    throw refusal("ACCESS_DENIED", "A rule of this server forbids the name.", "Use another destination.");
  }

  /** A place in a directory that is held for longer than the place. */
  #locate(parent: HeldDirectory, name: string, root: Root, parentNames: readonly string[]): Located {
    const entry = this.#look(parent, name);
    return new Guest({ asked: name, root, parentNames, parent, name, entry, missingBelow: [], ancestors: [] });
  }

  #look(parent: HeldDirectory, name: string): Entry | undefined {
    try {
      return this.#scope.containment.look(parent, name);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}
