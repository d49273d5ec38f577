import { type ByteSource, openSource } from "../../text/byte-source.ts";
import { assertMatches, staleFile } from "../../text/etag.ts";
import type { Containment } from "../containment.ts";
import type { Operation } from "../file-system.ts";
import type { Located } from "../located.ts";
import { exists, notFound, quoted, readOnly, refusal } from "../refusal.ts";
import { isTemporaryName } from "../temporary-name.ts";
import type { Intent } from "../walk.ts";
import { appendInPlace } from "./append-file.ts";
import { copyContent } from "./copy-content.ts";
import type { Journal } from "./journal.ts";
import { Locks } from "./locks.ts";
import { makeDirectories } from "./make-directories.ts";
import { type ChangeSettings, FileReplacer, type Replaced } from "./replace-file.ts";
import { writeAll } from "./write-bytes.ts";

/** Conditions on a file that is about to be written. */
export interface WriteConditions {
  readonly createParents?: boolean | undefined;
  readonly mustNotExist?: boolean | undefined;
  /** An etag or `sha256:<hex>`. */
  readonly ifMatch?: string | undefined;
}

/** What a file holds, under its lock. */
export interface LockedFile {
  readonly source: ByteSource;
  readonly located: Located;
}

/** What was appended, and what the file is now. */
export interface Appended {
  readonly bytes: number;
  readonly size: number;
  readonly etag: string;
}

/** Changes single files: one at a time each, conditional, and all or nothing. */
export class FileChanges implements Disposable {
  readonly locks: Locks = new Locks();
  readonly journal: Journal;
  readonly replacer: FileReplacer;
  readonly #containment: Containment;
  readonly #readOnly: boolean;

  constructor(containment: Containment, settings: ChangeSettings & { readonly readOnly: boolean }, journal: Journal) {
    this.#containment = containment;
    this.#readOnly = settings.readOnly;
    this.journal = journal;
    this.replacer = new FileReplacer(containment, settings, journal);
  }

  /** Gives a file new content, or creates it. */
  async write(operation: Operation, path: string, bytes: Buffer, conditions: WriteConditions): Promise<Replaced> {
    const { createParents = false, mustNotExist = false, ifMatch } = conditions;
    const { signal } = operation;
    if (createParents) await this.makeParents(operation, path);
    return this.locked(operation, path, mustNotExist ? "create-link" : "create", async (located) => {
      if (mustNotExist && located.entry) throw exists(path);
      this.assertWritable(located);
      const expected = ifMatch === undefined ? undefined : await match(operation, located, ifMatch);
      return this.replacer.replace(located, { fill: filledWith(bytes), expected, mustNotExist, signal });
    });
  }

  /**
   * Lets `change` compute a file's new content from the present one; nothing gets in between.
   *
   * @param change Returns the new content in pieces, or `undefined` to leave the file alone.
   */
  async rewrite(
    operation: Operation,
    path: string,
    ifMatch: string | undefined,
    change: (file: LockedFile) => Promise<readonly Buffer[] | undefined>,
  ): Promise<Replaced | undefined> {
    const { signal } = operation;
    return this.locked(operation, path, "existing", async (located) => {
      this.assertWritable(located);
      using file = operation.scope.openLocated(located);
      const source = openSource(file.fd);
      if (ifMatch !== undefined) await assertMatches(source, ifMatch, path, operation.pacer);
      const pieces = await change({ source, located });
      if (!pieces) return undefined;
      return await this.replacer.replace(located, { fill: filledWith(...pieces), expected: source.etag, signal });
    });
  }

  /**
   * Adds to the end of a file, or creates it.
   *
   * @param encode Returns what is to be added, given the present content; `undefined` for a file that does not exist.
   */
  async append(
    operation: Operation,
    path: string,
    conditions: { readonly createIfMissing: boolean; readonly ifMatch: string | undefined },
    encode: (source: ByteSource | undefined) => Promise<Buffer>,
  ): Promise<Appended> {
    const { signal } = operation;
    return this.locked(operation, path, "create", async (located) => {
      const { entry } = located;
      if (!entry && !conditions.createIfMissing) throw notFound(path);
      this.assertWritable(located);
      const { ifMatch } = conditions;
      if (ifMatch !== undefined) await match(operation, located, ifMatch);
      if (!entry) {
        const bytes = await encode(undefined);
        const { size, etag } = await this.replacer.replace(located, { fill: filledWith(bytes), signal });
        return { bytes: bytes.length, size, etag };
      }
      using file = operation.scope.openLocated(located);
      const source = openSource(file.fd);
      const bytes = await encode(source);
      if (entry.stat.nlink === 1n) {
        return { bytes: bytes.length, ...(await appendInPlace(this.#containment, located, entry, bytes)) };
      }
      const fill = appendedTo(file.fd, source.size, bytes, signal);
      const { size, etag } = await this.replacer.replace(located, { fill, expected: source.etag, signal });
      return { bytes: bytes.length, size, etag };
    });
  }

  /**
   * Creates the missing directories of a path.
   *
   * @returns Absolute paths of those that were created.
   * @throws {FailureError} `EXISTS` when something else has the name.
   */
  async createDirectories(operation: Operation, path: string): Promise<string[]> {
    using located = operation.scope.locate(path, "create-path");
    if (located.type === "directory") return [];
    if (located.entry) throw exists(path);
    this.assertMayChange(located);
    return await makeDirectories(this.#containment, located, false);
  }

  /** Creates the missing directories of a path, but not its last name. */
  async makeParents(operation: Operation, path: string): Promise<void> {
    using located = operation.scope.locate(path, "create-path");
    this.assertMayChange(located);
    await makeDirectories(this.#containment, located, true);
  }

  /** Runs `act` with what is at a path, locked. */
  async locked<Result>(
    { scope, signal }: Operation,
    path: string,
    intent: Intent,
    act: (located: Located) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.locks.with(scope, [{ path, intent }], signal, ([located]) => act(present(located)));
  }

  /** @throws {FailureError} `READ_ONLY`; `INVALID_INPUT` for the names of this server's own temporary files. */
  assertMayChange({ asked, root, name, missingBelow }: Located): void {
    if (this.#readOnly || root.access === "ro") throw readOnly(asked);
    if ([name, ...missingBelow].some(isTemporaryName)) {
      throw refusal("INVALID_INPUT", `${quoted(asked)} has a name this server keeps for itself.`, "Use another name.");
    }
  }

  /** @throws {FailureError} `READ_ONLY`, `NOT_REGULAR`. */
  assertWritable(located: Located): void {
    this.assertMayChange(located);
    if (located.type === "file" || located.type === "missing") return;
    throw refusal(
      "NOT_REGULAR",
      `${quoted(located.asked)} is ${located.type === "directory" ? "a directory" : "not a regular file"}.`,
      "Use the path of a file.",
    );
  }

  [Symbol.dispose](): void {
    this.journal[Symbol.dispose]();
  }
}

/** A `fill` for `FileReplacer` that writes these bytes, one piece behind the other. */
function filledWith(...pieces: readonly Buffer[]): (fd: number) => Promise<number> {
  return async (fd) => {
    let size = 0;
    for (const piece of pieces) {
      await writeAll(fd, piece, size);
      size += piece.length;
    }
    return size;
  };
}

function appendedTo(from: number, size: number, bytes: Buffer, signal: AbortSignal): (fd: number) => Promise<number> {
  return async (fd) => {
    const copied = await copyContent(from, fd, size, signal);
    await writeAll(fd, bytes, copied);
    return copied + bytes.length;
  };
}

/** The etag the file has now, if it is the one the caller has seen. */
async function match({ scope, pacer }: Operation, located: Located, ifMatch: string): Promise<string> {
  if (!located.entry) throw staleFile(located.asked);
  using file = scope.openLocated(located);
  const source = openSource(file.fd);
  await assertMatches(source, ifMatch, located.asked, pacer);
  return source.etag;
}

function present<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("a lock gives one place for each target");
  return item;
}
