import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileModeMask, platform } from "../../environment.ts";
import { etagOf, staleFile } from "../../text/etag.ts";
import type { Containment } from "../containment.ts";
import type { Located } from "../located.ts";
import { errnoOf, exists, explained, quoted, refusal } from "../refusal.ts";
import type { Journal } from "./journal.ts";
import { flush, flushDirectory } from "./write-bytes.ts";

/** What a change needs to know of the server. */
export interface ChangeSettings {
  readonly hardlinks: "break" | "deny" | "in-place";
  /** True when some place may be read but not changed, or not even seen: another name of a file could be there. */
  readonly hasProtectedPlaces: boolean;
}

/** How a file is to be replaced. */
export interface ReplaceOptions {
  /** Writes the new content from position 0 and returns its size; called again should it go into the old file. */
  readonly fill: (fd: number) => Promise<number>;
  /** The etag the present file must have when it is replaced. */
  readonly expected?: string | undefined;
  /** Permission bits of a file that did not exist. @default 0666 */
  readonly mode?: number;
  /** Of the call: a file is not replaced for a call that has ended. */
  readonly signal?: AbortSignal | undefined;
  /** True when a file that appeared meanwhile is `EXISTS` rather than `STALE_FILE`. */
  readonly mustNotExist?: boolean | undefined;
  /** False when the caller does not need the file to survive a power failure yet. @default true */
  readonly durable?: boolean;
  /** Times of the new file in seconds. @default now */
  readonly times?: { readonly atime: number; readonly mtime: number };
}

/** What became of a file. */
export interface Replaced {
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
  readonly created: boolean;
  /** True when the file had other names, which keep the old content. */
  readonly hardLinkBroken?: true;
  /** False when the file had to be written in place. */
  readonly atomic?: false;
}

const renameAttempts = 8;

/** Gives files new content so that a reader, and a crash, finds either the old or the new one. */
export class FileReplacer {
  readonly #containment: Containment;
  readonly #settings: ChangeSettings;
  readonly #journal: Journal;

  constructor(containment: Containment, settings: ChangeSettings, journal: Journal) {
    this.#containment = containment;
    this.#settings = settings;
    this.#journal = journal;
  }

  /**
   * Replaces, or creates, the file at a locked place. What fails leaves the old file and no temporary one.
   *
   * @throws {FailureError} `STALE_FILE` when another program changed the file meanwhile; `ACCESS_DENIED`, `IO_ERROR`.
   */
  async replace(located: Located, options: ReplaceOptions): Promise<Replaced> {
    try {
      const linked = (located.entry?.stat.nlink ?? 1n) > 1n;
      if (linked) this.assertMayWriteLinked(located);
      if (linked && this.#settings.hardlinks === "in-place") return await this.#writeInPlace(located, options);
      const replaced = await this.#writeBeside(located, options);
      if (!replaced) return await this.#writeInPlace(located, options);
      return linked ? { ...replaced, hardLinkBroken: true } : replaced;
    } catch (error) {
      throw explained(error, located.asked);
    }
  }

  /** Refuses to write a file with several names where the operator, or the other names, forbid it. */
  assertMayWriteLinked({ asked }: Located): void {
    const { hardlinks, hasProtectedPlaces } = this.#settings;
    if (hardlinks === "break" || (hardlinks === "in-place" && !hasProtectedPlaces)) return;
    throw refusal(
      "ACCESS_DENIED",
      `Access denied - ${quoted(asked)} has other names (hard links), and this server does not write such files.`,
      "Copy it to a new file and change that.",
    );
  }

  /** `undefined` when the directory, but not the file, forbids a new file beside it. */
  async #writeBeside(located: Located, options: ReplaceOptions): Promise<Replaced | undefined> {
    const { parent, entry } = located;
    const temporary = this.#journal.begin(parent.path);
    let fd: number | undefined;
    try {
      fd = this.#create(located, temporary.name);
      if (fd === undefined) return undefined;
      await options.fill(fd);
      setAttributes(fd, entry?.stat, options);
      if (options.durable ?? true) await flush(fd);
      options.signal?.throwIfAborted();
      this.#assertUnchanged(located, options);
      if (!(await this.#putInPlace(located, temporary.name, options))) {
        this.#remove(located, temporary.name);
        return undefined;
      }
      const stat = fstatSync(fd, { bigint: true });
      if (options.durable ?? true) await flushDirectory(this.#containment, parent);
      return { etag: etagOf(stat), size: Number(stat.size), created: entry === undefined };
    } catch (error) {
      if (fd !== undefined) this.#remove(located, temporary.name);
      throw error;
    } finally {
      if (fd !== undefined) closeSync(fd);
      temporary.done();
    }
  }

  #create({ parent, entry }: Located, name: string): number | undefined {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    try {
      return this.#containment.at(parent, name, (path) =>
        openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600),
      );
    } catch (error) {
      const code = errnoOf(error);
      if (entry && (code === "EACCES" || code === "EPERM")) return undefined;
      throw error;
    }
  }

  /** Gives the temporary file its name; false when the system refuses to replace the present one. */
  async #putInPlace(located: Located, temporary: string, options: ReplaceOptions): Promise<boolean> {
    if (!located.entry) {
      this.#linkNew(located, temporary, options);
      return true;
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#rename(located, temporary);
        return true;
      } catch (error) {
        const code = errnoOf(error);
        if (code !== "EPERM" && code !== "EACCES" && code !== "EBUSY") throw error;
        // Windows refuses while another program, often a virus scanner, has the file open for a moment.
        if (platform !== "win32" || attempt === renameAttempts) return false;
        await setTimeout(10 * attempt);
      }
    }
  }

  /** A new name is given by a link, which cannot replace a file that another program made meanwhile. */
  #linkNew(located: Located, temporary: string, options: ReplaceOptions): void {
    const { parent, name } = located;
    try {
      this.#containment.between({ parent, name: temporary }, { parent, name }, linkSync);
    } catch (error) {
      const code = errnoOf(error);
      if (code === "EEXIST") throw appeared(located, options);
      if (code === "ENOENT" || code === "ENOSPC" || code === "EDQUOT") throw error;
      // A volume without hard links: the check just before is all there is.
      this.#rename(located, temporary);
      return;
    }
    this.#containment.at(parent, temporary, (path) => unlinkSync(path));
  }

  #rename({ parent, name }: Located, temporary: string): void {
    this.#containment.between({ parent, name: temporary }, { parent, name }, renameSync);
  }

  #remove({ parent }: Located, temporary: string): void {
    try {
      this.#containment.at(parent, temporary, (path) => unlinkSync(path));
    } catch {
      // Gone with its directory; or the volume is gone, and then the first error is the one to tell.
    }
  }

  /** Another program may have changed the file while the new content was written. */
  #assertUnchanged(located: Located, options: ReplaceOptions): void {
    const present = this.#look(located);
    const { entry, asked } = located;
    const { expected } = options;
    if (!entry) {
      if (present) throw appeared(located, options);
      return;
    }
    if (!present) throw staleFile(asked);
    const { stat } = entry;
    if (present.dev !== stat.dev || present.ino !== stat.ino || !present.isFile()) throw staleFile(asked);
    if (expected !== undefined && etagOf(present) !== expected) throw staleFile(asked);
  }

  #look({ parent, name }: Located): BigIntStats | undefined {
    try {
      const { fd, stat } = this.#containment.look(parent, name);
      if (fd !== -1) closeSync(fd);
      return stat;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async #writeInPlace(located: Located, { fill, expected, times }: ReplaceOptions): Promise<Replaced> {
    const { parent, name, entry, asked } = located;
    if (!entry) throw staleFile(asked);
    if (entry.stat.nlink > 1n && this.#settings.hardlinks !== "in-place") {
      throw refusal(
        "ACCESS_DENIED",
        `Access denied - ${quoted(asked)} has other names (hard links) and its directory cannot be written.`,
        "Write a new file in a directory that can be written.",
      );
    }
    const fd = this.#containment.open(parent, name, entry, constants.O_RDWR);
    try {
      if (expected !== undefined && etagOf(fstatSync(fd, { bigint: true })) !== expected) throw staleFile(asked);
      ftruncateSync(fd, await fill(fd));
      if (times) futimesSync(fd, times.atime, times.mtime);
      await flush(fd);
      const stat = fstatSync(fd, { bigint: true });
      return { etag: etagOf(stat), size: Number(stat.size), created: false, atomic: false };
    } finally {
      closeSync(fd);
    }
  }
}

function appeared({ asked }: Located, { mustNotExist = false }: ReplaceOptions): Error {
  return mustNotExist ? exists(asked) : staleFile(asked);
}

function setAttributes(fd: number, old: BigIntStats | undefined, { mode = 0o666, times }: ReplaceOptions): void {
  if (times) futimesSync(fd, times.atime, times.mtime);
  if (!old) {
    fchmodSync(fd, mode & ~fileModeMask());
    return;
  }
  const fresh = fstatSync(fd, { bigint: true });
  const isSameOwner = (fresh.uid === old.uid && fresh.gid === old.gid) || hasGivenAway(fd, old);
  // After the owner, because giving a file away clears its set-id bits; for another owner they would mean another id.
  fchmodSync(fd, Number(old.mode) & (isSameOwner ? 0o7777 : 0o777));
}

function hasGivenAway(fd: number, { uid, gid }: BigIntStats): boolean {
  try {
    fchownSync(fd, Number(uid), Number(gid));
    return true;
  } catch {
    // Only a privileged process may give files away.
    return false;
  }
}
