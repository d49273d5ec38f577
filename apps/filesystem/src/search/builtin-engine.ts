import { readSync } from "node:fs";
import { openEntryFile } from "../safe-fs/entry-file.ts";
import { pathBelow } from "../safe-fs/located.ts";
import { errnoOf } from "../safe-fs/refusal.ts";
import { joinPath, type TreeDirectory, type Verdict, walkTree } from "../safe-fs/tree.ts";
import { openSource } from "../text/byte-source.ts";
import type { IgnoreFiles } from "./gitignore.ts";
import type { HitFinder } from "./hit-finder.ts";
import type { SearchRun } from "./search-run.ts";

const smallFileBytes = 256 * 1024;

/** Searches by reading every file of a tree. */
export class BuiltinEngine {
  readonly #run: SearchRun;
  readonly #finder: HitFinder;
  readonly #ignoreFiles: IgnoreFiles | undefined;
  readonly #buffer = Buffer.allocUnsafe(smallFileBytes);
  #files = 0;

  constructor(run: SearchRun, finder: HitFinder, ignoreFiles: IgnoreFiles | undefined) {
    this.#run = run;
    this.#finder = finder;
    this.#ignoreFiles = ignoreFiles;
  }

  async search(): Promise<void> {
    const { operation, start, stop, page } = this.#run;
    const visitor = {
      enter: (directory: TreeDirectory) => this.#enter(directory),
      leave: () => this.#ignoreFiles?.leave(),
      entry: (name: string, type: string, directory: TreeDirectory) => this.#entry(name, type, directory),
      failed: () => void (this.#run.skipped.unreadable += 1),
    };
    const finished = await walkTree(operation.scope, start, visitor, operation.pacer, () => this.#goesOn());
    // A walk that never paused has not told anything yet.
    this.#run.progress(this.#files);
    if (page.stoppedReason === undefined && !stop.aborted) await this.#finder.finish();
    if (!finished || stop.aborted) page.stop("timeout");
  }

  #goesOn(): boolean {
    this.#run.progress(this.#files);
    return !this.#run.stop.aborted;
  }

  #enter(directory: TreeDirectory): void {
    this.#ignoreFiles?.enter(directory);
    this.#run.skipped.denied += directory.listing.hidden;
  }

  #entry(name: string, type: string, directory: TreeDirectory): Verdict | Promise<Verdict> {
    const { selection, page } = this.#run;
    const path = joinPath(directory.path, name);
    if (type === "directory") return selection.enters(path, directory.path, name) ? "enter" : undefined;
    if (type !== "file" || page.isPast(path) || !selection.searches(path, directory.path, name)) return undefined;
    this.#files += 1;
    try {
      return this.#look(name, path, directory);
    } catch (error) {
      const code = errnoOf(error);
      if (code === undefined) throw error;
      if (code !== "ENOENT") this.#run.skipped.unreadable += 1;
      return undefined;
    }
  }

  #look(name: string, path: string, directory: TreeDirectory): Verdict | Promise<Verdict> {
    const { operation, query, skipped } = this.#run;
    const file = openEntryFile(operation.scope.containment, directory.held, directory.root, name);
    if (!file) return undefined;
    const absolute = pathBelow(directory.root.path, [...directory.names, name]);
    const isSmall = file.size <= smallFileBytes;
    if (isSmall || file.size > query.maxFileBytes) {
      using _open = file;
      if (file.size > query.maxFileBytes) {
        skipped.tooLarge += 1;
        return undefined;
      }
      return this.#finder.offer({ path, absolute, bytes: this.#read(file.fd, file.size) });
    }
    return this.#lookIntoLarge(file, path, absolute);
  }

  async #lookIntoLarge(
    file: Disposable & { fd: number; size: number },
    path: string,
    absolute: string,
  ): Promise<Verdict> {
    using _open = file;
    const bytes = await openSource(file.fd).read(0, file.size);
    return this.#finder.offer({ path, absolute, bytes });
  }

  /** Into the one buffer: whoever keeps the bytes has to copy them. */
  #read(fd: number, size: number): Buffer {
    let length = 0;
    while (length < size) {
      const count = readSync(fd, this.#buffer, length, size - length, length);
      if (count === 0) break;
      length += count;
    }
    return this.#buffer.subarray(0, length);
  }
}
