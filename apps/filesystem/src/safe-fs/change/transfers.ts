import { chmodSync, closeSync, statSync, utimesSync } from "node:fs";
import { fileModeMask } from "../../environment.ts";
import { openSource } from "../../text/byte-source.ts";
import { assertMatches, etagOf, staleFile } from "../../text/etag.ts";
import type { Containment } from "../containment.ts";
import type { Operation } from "../file-system.ts";
import type { Located } from "../located.ts";
import { exists, explained, quoted, refusal } from "../refusal.ts";
import type { Root } from "../roots.ts";
import { LeafCopier } from "./copy-entry.ts";
import { copyTree, type TreeCopied } from "./copy-tree.ts";
import { type Deleted, deleteEntry } from "./delete-entry.ts";
import type { FileChanges } from "./file-changes.ts";
import { makeDirectory } from "./make-directories.ts";
import { assertNotInside, moveEntry, takeName } from "./move-entry.ts";
import { flushDirectory } from "./write-bytes.ts";

/** What is to be copied or moved, and how. */
export interface MoveRequest {
  readonly source: string;
  readonly destination: string;
  readonly createParents: boolean;
}

export interface CopyRequest {
  readonly source: string;
  readonly destination: string;
  readonly recursive: boolean;
  readonly overwrite: boolean;
  readonly preserveTimestamps: boolean;
}

export interface DeleteRequest {
  readonly recursive: boolean;
  readonly dryRun: boolean;
  readonly ifMatch?: string | undefined;
  readonly progress: (done: number, total: number) => void;
}

/** Moves, copies and deletes files and whole directories under the locks of their places. */
export class Transfers {
  readonly #containment: Containment;
  readonly #changes: FileChanges;
  readonly #roots: readonly Root[];

  /** @param roots The operator's directories, which stay whichever of them a connection may use. */
  constructor(containment: Containment, changes: FileChanges, roots: readonly Root[]) {
    this.#containment = containment;
    this.#changes = changes;
    this.#roots = roots;
  }

  async delete(operation: Operation, path: string, request: DeleteRequest): Promise<Deleted> {
    return this.#changes.locked(operation, path, "link", async (located) => {
      this.#changes.assertMayChange(located);
      if (request.ifMatch !== undefined) await assertDeletes(operation, located, request.ifMatch);
      return deleteEntry(
        this.#containment,
        located,
        { ...request, roots: this.#protectedRoots(operation) },
        operation.pacer,
      );
    });
  }

  /** @throws {FailureError} `EXISTS` when anything is at the destination. */
  async move(operation: Operation, { source, destination, createParents }: MoveRequest): Promise<void> {
    if (createParents) {
      // Before anything is created for it, the source has to be there.
      operation.scope.locate(source, "link")[Symbol.dispose]();
      await this.#changes.makeParents(operation, destination);
    }
    await this.#lockedPair(operation, source, "link", destination, "create-link", async (from, to) => {
      this.#changes.assertMayChange(from);
      this.#changes.assertMayChange(to);
      const isDone = await moveEntry(this.#containment, from, to, this.#protectedRoots(operation), operation.pacer);
      if (!isDone) await this.#moveAcross(operation, from, to);
    });
  }

  async copy(operation: Operation, request: CopyRequest, progress: (files: number) => void): Promise<TreeCopied> {
    const { source, destination, overwrite } = request;
    const end = overwrite ? "create" : "create-link";
    return this.#lockedPair(operation, source, "existing", destination, end, async (from, to) => {
      this.#changes.assertMayChange(to);
      if (to.entry && !overwrite) throw exists(destination);
      if (from.type === "directory") return this.#copyDirectory(operation, from, to, request, progress);
      assertNotSame(from, to);
      const bytes = await this.#copier(operation, request, true).copy(from, to);
      return { files: 1, directories: 0, bytes, skipped: [] };
    });
  }

  async #copyDirectory(
    operation: Operation,
    from: Located,
    to: Located,
    request: CopyRequest,
    progress: (files: number) => void,
  ): Promise<TreeCopied> {
    if (!request.recursive) throw needsRecursive(from.asked);
    assertNotInside(from, to);
    if (to.entry && to.type !== "directory") throw exists(to.asked);
    try {
      if (!to.entry) makeDirectory(this.#containment, to.parent, to.name, 0o700);
      using target = this.#directoryAt(to, to.name);
      const copied = await this.#fill(operation, from, target, { ...request, durable: false, progress });
      finishDirectory(this.#containment, from, target, { isNew: !to.entry, ...request });
      return copied;
    } catch (error) {
      throw explained(error, to.asked);
    }
  }

  /** To another volume: complete under a temporary name first, then visible, and only then gone from the source. */
  async #moveAcross(operation: Operation, from: Located, to: Located): Promise<void> {
    const { pacer } = operation;
    if (from.type === "directory") await this.#moveDirectoryAcross(operation, from, to);
    else await this.#copier(operation, { preserveTimestamps: true }, true).copy(from, to);
    const all = { recursive: true, dryRun: false, roots: this.#protectedRoots(operation), progress: () => {} };
    await deleteEntry(this.#containment, from, all, pacer);
  }

  async #moveDirectoryAcross(operation: Operation, from: Located, to: Located): Promise<void> {
    const temporary = this.#changes.journal.begin(to.parent.path);
    const rest = { recursive: true, overwrite: false, preserveTimestamps: true };
    try {
      makeDirectory(this.#containment, to.parent, temporary.name, 0o700);
      using target = this.#directoryAt(to, temporary.name);
      const { skipped } = await this.#fill(operation, from, target, { ...rest, durable: true, progress: () => {} });
      const [first] = skipped;
      if (first) {
        const all = { recursive: true, dryRun: false, roots: [], progress: () => {} };
        await deleteEntry(this.#containment, target, all, operation.pacer);
        throw cannotCopy(from.asked, first.code);
      }
      finishDirectory(this.#containment, from, target, { isNew: true, preserveTimestamps: true });
      takeName(this.#containment, target, to);
      await flushDirectory(this.#containment, to.parent);
    } finally {
      temporary.done();
    }
  }

  #fill(
    operation: Operation,
    from: Located,
    target: Located,
    options: Omit<CopyRequest, "source" | "destination"> & { durable: boolean; progress: (files: number) => void },
  ): Promise<TreeCopied> {
    const copier = this.#copier(operation, options, options.durable);
    const copyLeaf = (source: Located, destination: Located): Promise<number> => copier.copy(source, destination);
    return copyTree(operation.scope, from, target, { ...options, copyLeaf }, operation.pacer);
  }

  #copier({ scope, signal }: Operation, { preserveTimestamps }: { preserveTimestamps: boolean }, durable: boolean) {
    const { replacer, journal } = this.#changes;
    return new LeafCopier(scope, replacer, journal, { preserveTimestamps, durable, signal });
  }

  #protectedRoots({ scope }: Operation): readonly Root[] {
    return [...this.#roots, ...scope.roots];
  }

  /** The directory with this name beside a place; the parent stays the place's own. */
  #directoryAt(place: Located, name: string): Located {
    const entry = this.#containment.look(place.parent, name);
    if (!entry.stat.isDirectory()) {
      if (entry.fd !== -1) closeSync(entry.fd);
      throw exists(place.asked);
    }
    return place.beside(name, entry);
  }

  #lockedPair<Result>(
    { scope, signal }: Operation,
    source: string,
    sourceIntent: "existing" | "link",
    destination: string,
    destinationIntent: "create" | "create-link",
    act: (from: Located, to: Located) => Promise<Result>,
  ): Promise<Result> {
    const targets = [
      { path: source, intent: sourceIntent },
      { path: destination, intent: destinationIntent },
    ] as const;
    return this.#changes.locks.with(scope, targets, signal, ([from, to]) => {
      if (!from || !to) throw new Error("a lock gives one place for each target");
      return act(from, to);
    });
  }
}

/** Sets on a filled directory what filling it would have changed, or made impossible. */
function finishDirectory(
  containment: Containment,
  from: Located,
  to: Located,
  { isNew, preserveTimestamps }: { readonly isNew: boolean; readonly preserveTimestamps: boolean },
): void {
  const { mode, atimeMs, mtimeMs } = containment.here(from.directory, (path) => statSync(path));
  if (isNew) containment.here(to.directory, (path) => chmodSync(path, mode & 0o777 & ~fileModeMask()));
  if (preserveTimestamps) containment.here(to.directory, (path) => utimesSync(path, atimeMs / 1000, mtimeMs / 1000));
}

async function assertDeletes({ scope, pacer }: Operation, located: Located, ifMatch: string): Promise<void> {
  const { stat, asked, type } = located;
  if (type !== "file") {
    if (etagOf(stat) !== ifMatch) throw staleFile(asked);
    return;
  }
  using file = scope.openLocated(located);
  await assertMatches(openSource(file.fd), ifMatch, asked, pacer);
}

function assertNotSame(from: Located, to: Located): void {
  if (!to.entry || to.entry.stat.ino !== from.stat.ino || to.entry.stat.dev !== from.stat.dev) return;
  throw refusal("INVALID_INPUT", `${quoted(from.asked)} and its copy are the same file.`, "Use another destination.");
}

function needsRecursive(path: string): Error {
  return refusal("NOT_REGULAR", `${quoted(path)} is a directory.`, "Set recursive to true to copy all of it.");
}

function cannotCopy(path: string, code: string): Error {
  return refusal(
    "IO_ERROR",
    `${quoted(path)} was not moved: the destination is on another volume, and something in it cannot be copied (${code}).`,
    "Copy it with copy_file, which reports what it skips.",
  );
}
