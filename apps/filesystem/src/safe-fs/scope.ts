import { type BigIntStats, closeSync, constants, fstatSync } from "node:fs";
import { FailureError } from "@bothways/kit";
import type { Pacer } from "../text/pacer.ts";
import type { Containment } from "./containment.ts";
import { isLargeDirectory, type Listing, listDirectory, listLargeDirectory } from "./directory.ts";
import type { Located } from "./located.ts";
import { errnoOf, explained, notDirectory, quoted, refusal } from "./refusal.ts";
import { isSpelledInside, requireRoot } from "./root-lookup.ts";
import type { Root } from "./roots.ts";
import { type Intent, walk } from "./walk.ts";

/** A regular file, open for reading until disposed. */
export interface OpenFile extends Disposable {
  readonly fd: number;
  readonly stat: BigIntStats;
  readonly located: Located;
}

/** The directories one call may use; taken once at its start, so that a change of roots never splits a call. */
export class Scope {
  readonly containment: Containment;
  /** The first one is where relative paths start. */
  readonly roots: readonly Root[];

  constructor(containment: Containment, roots: readonly Root[]) {
    this.containment = containment;
    this.roots = roots;
  }

  /** Walks to a path; dispose the result. See `walk`. */
  locate(path: string, intent: Intent = "existing"): Located {
    return walk(this.containment, this.roots, path, intent);
  }

  /**
   * The directories, at least one.
   *
   * @throws {FailureError} `NO_DIRECTORIES`.
   */
  requireRoots(): readonly Root[] {
    requireRoot(this.roots);
    return this.roots;
  }

  /**
   * Opens a regular file for reading; nothing else is ever opened.
   *
   * @throws {FailureError} `NOT_REGULAR` and what `locate` throws.
   */
  openFile(path: string): OpenFile {
    const located = this.locate(path);
    try {
      const { fd, stat } = this.openLocated(located);
      return {
        fd,
        stat,
        located,
        [Symbol.dispose]() {
          closeSync(fd);
          located[Symbol.dispose]();
        },
      };
    } catch (error) {
      located[Symbol.dispose]();
      throw error;
    }
  }

  /** As `openFile`, for a path that was walked already; disposing the file leaves `located` to its owner. */
  openLocated(located: Located): OpenFile {
    const { entry, asked, parent, name } = located;
    if (!entry?.stat.isFile()) throw notAFile(located);
    try {
      const fd = this.containment.open(parent, name, entry, constants.O_RDONLY);
      return { fd, stat: fstatSync(fd, { bigint: true }), located, [Symbol.dispose]: () => closeSync(fd) };
    } catch (error) {
      throw explained(error, asked);
    }
  }

  /** True when following the links on a path, and at its end, stays inside; also when nothing exists there. */
  leadsInside(path: string): boolean {
    try {
      this.locate(path, "create-path")[Symbol.dispose]();
      return true;
    } catch (error) {
      if (error instanceof FailureError) return false;
      throw error;
    }
  }

  /** True when an absolute path spells a place inside that no rule hides; the disk is not asked. */
  isInside(path: string): boolean {
    return isSpelledInside(this.roots, path);
  }

  /** True when a located entry can be opened for reading. */
  canRead({ parent, name, entry }: Located): boolean {
    if (!entry?.stat.isFile()) return false;
    try {
      closeSync(this.containment.open(parent, name, entry, constants.O_RDONLY));
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  }

  /** Reads the visible names of a located directory. */
  async list(located: Located, pacer: Pacer): Promise<Listing> {
    if (!located.entry?.stat.isDirectory()) throw notDirectory(located.asked);
    try {
      const { directory, root, names } = located;
      return isLargeDirectory(located.entry.stat.size)
        ? await listLargeDirectory(this.containment, directory, root, names, pacer)
        : listDirectory(this.containment, directory, root, names);
    } catch (error) {
      throw explained(error, located.asked);
    }
  }
}

function notAFile({ asked, type }: Located): Error {
  const isDirectory = type === "directory";
  return refusal(
    "NOT_REGULAR",
    `${quoted(asked)} is ${isDirectory ? "a directory" : "not a regular file (a pipe, socket or device)"}.`,
    isDirectory ? "Call list_directory to see what it holds." : "Use the path of a regular file.",
  );
}
