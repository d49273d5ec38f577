import { fstatSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Located } from "../located.ts";
import { exists, notRegular, outside } from "../refusal.ts";
import type { Scope } from "../scope.ts";
import { copyContent } from "./copy-content.ts";
import type { Journal } from "./journal.ts";
import type { FileReplacer } from "./replace-file.ts";

/** How a file or link is to be copied. */
export interface CopyOptions {
  readonly preserveTimestamps: boolean;
  readonly durable: boolean;
  readonly signal: AbortSignal;
}

/** Copies files and links, each to a place whose directory is held. */
export class LeafCopier {
  readonly #scope: Scope;
  readonly #replacer: FileReplacer;
  readonly #journal: Journal;
  readonly #options: CopyOptions;

  constructor(scope: Scope, replacer: FileReplacer, journal: Journal, options: CopyOptions) {
    this.#scope = scope;
    this.#replacer = replacer;
    this.#journal = journal;
    this.#options = options;
  }

  /**
   * Copies a file's content and mode, or a link as a link; what is at the destination is replaced.
   *
   * @returns Bytes of content.
   * @throws {FailureError} `NOT_REGULAR` for pipes and the like, `EXISTS` where a file would replace a directory,
   *   `ACCESS_DENIED` for a link that leads outside.
   */
  async copy(source: Located, destination: Located): Promise<number> {
    if (destination.type !== "missing" && destination.type !== "file" && destination.type !== "symlink") {
      throw exists(destination.asked);
    }
    if (source.type === "symlink") return this.#copyLink(source, destination);
    if (source.type !== "file") throw notRegular(source.asked);
    if (destination.type === "symlink") throw exists(destination.asked);
    return this.#copyFile(source, destination);
  }

  async #copyFile(source: Located, destination: Located): Promise<number> {
    const { preserveTimestamps, durable, signal } = this.#options;
    using file = this.#scope.openLocated(source);
    const stat = fstatSync(file.fd);
    const times = { atime: stat.atimeMs / 1000, mtime: stat.mtimeMs / 1000 };
    const { size } = await this.#replacer.replace(destination, {
      fill: (fd) => copyContent(file.fd, fd, stat.size, signal),
      mode: stat.mode & 0o777,
      durable,
      signal,
      ...(preserveTimestamps && { times }),
    });
    return size;
  }

  /** The new link must lead inside as well; a relative one leads elsewhere from another directory. */
  #copyLink(source: Located, destination: Located): number {
    const { containment } = this.#scope;
    const target = containment.at(source.parent, source.name, (path) => readlinkSync(path));
    if (!this.#scope.leadsInside(source.path) || !this.#scope.isInside(resolve(dirname(destination.path), target))) {
      throw outside(source.asked);
    }
    if (!destination.entry) {
      containment.at(destination.parent, destination.name, (path) => symlinkSync(target, path));
      return 0;
    }
    const temporary = this.#journal.begin(destination.parent.path);
    const { parent } = destination;
    try {
      containment.at(parent, temporary.name, (path) => symlinkSync(target, path));
      containment.between({ parent, name: temporary.name }, destination, renameSync);
    } finally {
      temporary.done();
    }
    return 0;
  }
}
