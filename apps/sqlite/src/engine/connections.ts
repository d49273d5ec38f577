import { statSync } from "node:fs";
import { type Access, type Connection, type ConnectionSettings, openConnection } from "./connection.ts";
import {
  type DatabaseFile,
  type FileIdentity,
  identify,
  isSameFile,
  locate,
  type VacantPlace,
} from "./database-file.ts";
import { needsWriter } from "./failure-codes.ts";
import { JobError } from "./job-error.ts";

const capacity = 8;

/** The open databases of one engine by name; the least recently used one is closed first. */
export class Connections {
  readonly #settings: ConnectionSettings;
  readonly #open = new Map<string, Connection>();

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /**
   * The connection to what the database's name means now; a file that was replaced since is opened anew.
   *
   * @throws {JobError} `NEEDS_WRITER` when a reader would have to create the file.
   */
  acquire(file: DatabaseFile, access: Access): Connection {
    const mayCreate = file.create === "always" || (file.create === "writes" && access === "write");
    const found = locate(file, mayCreate);
    const known = this.#open.get(file.name);
    if (known !== undefined) {
      this.#open.delete(file.name);
      if ("inode" in found && isSameFile(known.identity, found)) {
        this.#open.set(file.name, known);
        return known;
      }
      known[Symbol.dispose]();
    }
    const isNew = mayCreate && (!("inode" in found) || found.size === 0n);
    if (isNew && access === "read") throw new JobError(needsWriter, "the file has to be created first.", "");
    this.#makeRoom();
    const opened = openConnection(
      { access, found, create: isNew, isOpen: this.#isOpen(found), identify: () => identify(file) },
      this.#settings,
    );
    this.#open.set(file.name, opened);
    return opened;
  }

  /**
   * Refuses to let a job open and close a file that SQLite has open here: that would drop SQLite's locks on it.
   *
   * @throws {JobError} `PATH_DENIED`
   */
  assertNotOpen(path: string): void {
    const { dev, ino } = statSync(path, { bigint: true });
    for (const { identity } of this.#open.values()) {
      for (const suffix of ["", "-wal", "-shm", "-journal"]) {
        const part = statSync(identity.realPath + suffix, { bigint: true, throwIfNoEntry: false });
        if (part?.dev === dev && part.ino === ino) {
          throw new JobError("PATH_DENIED", "the file belongs to an open database.", "Use another file.");
        }
      }
    }
  }

  #isOpen(file: FileIdentity | VacantPlace): boolean {
    if (!("inode" in file)) return false;
    for (const { identity } of this.#open.values()) {
      if (identity.inode === file.inode && identity.device === file.device) return true;
    }
    return false;
  }

  #makeRoom(): void {
    while (this.#open.size >= capacity) {
      const [oldest] = this.#open;
      if (oldest === undefined) return;
      this.#open.delete(oldest[0]);
      oldest[1][Symbol.dispose]();
    }
  }
}
