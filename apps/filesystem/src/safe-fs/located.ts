import { type BigIntStats, closeSync } from "node:fs";
import { sep } from "node:path";
import type { Entry, HeldDirectory } from "./containment.ts";
import { notFound } from "./refusal.ts";
import type { Root } from "./roots.ts";

/** What an entry is, without following it. */
export type EntryType = "file" | "directory" | "symlink" | "other";

/** What kind of thing a stat result describes. */
export function typeOf(stat: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryType {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  return stat.isSymbolicLink() ? "symlink" : "other";
}

/** What a walk found. */
export interface Place {
  /** The path as the caller gave it. */
  readonly asked: string;
  /** The deepest allowed directory it is in. */
  readonly root: Root;
  /** Names from the root to the parent of the entry, as stored. */
  readonly parentNames: readonly string[];
  /** The directory that holds the entry; the root's own when the path is the root itself. */
  readonly parent: HeldDirectory;
  /** Name in `parent`; `""` for the root itself. */
  readonly name: string;
  /** `undefined` when nothing exists there. */
  readonly entry: Entry | undefined;
  /** Names below `name` that do not exist either. */
  readonly missingBelow: readonly string[];
  /** The directories the walk went through, the first one a root, the last one `parent`. */
  readonly ancestors: readonly Pick<HeldDirectory, "dev" | "ino">[];
}

/** Where a path led: an entry, or the place where one could be created, held by descriptors until disposed. */
export class Located implements Place, Disposable {
  readonly asked: string;
  readonly root: Root;
  readonly parentNames: readonly string[];
  readonly parent: HeldDirectory;
  readonly name: string;
  readonly entry: Entry | undefined;
  readonly missingBelow: readonly string[];
  readonly ancestors: Place["ancestors"];

  constructor(place: Place) {
    this.asked = place.asked;
    this.root = place.root;
    this.parentNames = place.parentNames;
    this.parent = place.parent;
    this.name = place.name;
    this.entry = place.entry;
    this.missingBelow = place.missingBelow;
    this.ancestors = place.ancestors;
  }

  /** Names from the root to the entry; empty for the root itself. */
  get names(): readonly string[] {
    return this.name === "" ? this.parentNames : [...this.parentNames, this.name];
  }

  get type(): EntryType | "missing" {
    return this.entry ? typeOf(this.entry.stat) : "missing";
  }

  /**
   * What the entry was when it was looked at.
   *
   * @throws {FailureError} `NOT_FOUND`.
   */
  get stat(): BigIntStats {
    if (!this.entry) throw notFound(this.asked);
    return this.entry.stat;
  }

  /** Absolute path, links resolved: safe to show, because it lies in an allowed directory. */
  get path(): string {
    return pathBelow(this.root.path, this.names);
  }

  /** The entry as a held directory; ask `type` first. */
  get directory(): HeldDirectory {
    if (this.name === "" || !this.entry) return this.parent;
    const { fd, stat } = this.entry;
    return { fd, dev: stat.dev, ino: stat.ino, path: this.path };
  }

  /** Another name in the same parent, which stays this place's to close. */
  beside(name: string, entry: Entry | undefined): Located {
    const { asked, root, parentNames, parent, ancestors } = this;
    return new Guest({ asked, root, parentNames, parent, name, entry, missingBelow: [], ancestors });
  }

  [Symbol.dispose](): void {
    if (this.entry && this.name !== "" && this.entry.fd !== -1) closeSync(this.entry.fd);
    if (this.parent !== this.root.directory) closeSync(this.parent.fd);
  }
}

/** A place whose parent is somebody else's to close. */
export class Guest extends Located {
  override [Symbol.dispose](): void {
    const { fd = -1 } = this.entry ?? {};
    if (fd !== -1) closeSync(fd);
  }
}

/** An absolute path of names below a root. */
export function pathBelow(rootPath: string, names: readonly string[]): string {
  if (names.length === 0) return rootPath;
  return `${rootPath.endsWith(sep) ? rootPath : rootPath + sep}${names.join(sep)}`;
}
