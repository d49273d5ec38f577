import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { assertHeader, type FileIdentity, isSameFile, type VacantPlace } from "./database-file.ts";
import { JobError } from "./job-error.ts";
import { sqlFailure } from "./sqlite-failure.ts";
import { type RawRow, type RowStatement, StatementCache, type StatementKind } from "./statement-cache.ts";

/** What a connection may do: an engine that writes has no other connections, and the reverse. */
export type Access = "read" | "write";

/** Settings that hold for every connection of an engine. */
export interface ConnectionSettings {
  readonly immutable: boolean;
  /** Milliseconds to wait for another process's lock. */
  readonly busyTimeout: number;
  /** MiB one call may add to the file; 0 means no cap. */
  readonly maxGrowth: number;
}

/** One open database file. */
export class Connection implements Disposable {
  readonly database: Database.Database;
  readonly identity: FileIdentity;
  readonly #statements: StatementCache;
  #busyTimeout: number;

  constructor(database: Database.Database, identity: FileIdentity, busyTimeout: number) {
    this.database = database;
    this.identity = identity;
    this.#busyTimeout = busyTimeout;
    this.#statements = new StatementCache(database);
  }

  /** A statement of the caller's SQL, checked against its kind. */
  statement(kind: Exclude<StatementKind, "own">, sql: string): RowStatement {
    return this.#statements.get(kind, sql);
  }

  /** All rows of SQL written in this folder; integers arrive as `bigint`. */
  rows(sql: string, ...values: unknown[]): RawRow[] {
    return this.#statements.get("own", sql).all(...values);
  }

  /** The first row of SQL written in this folder. */
  row(sql: string, ...values: unknown[]): RawRow | undefined {
    return this.#statements.get("own", sql).get(...values);
  }

  /** Runs SQL written in this folder that gives no rows. */
  run(sql: string): void {
    this.#statements.get("own", sql).run();
  }

  /** Runs `work` on one unchanging view of the database. */
  snapshot<Result>(work: () => Result): Result {
    this.run("BEGIN");
    try {
      return work();
    } finally {
      if (this.database.inTransaction) this.run("ROLLBACK");
    }
  }

  /** Waits for locks no longer than this from now on. */
  waitAtMost(milliseconds: number): void {
    if (milliseconds === this.#busyTimeout) return;
    this.database.pragma(`busy_timeout=${milliseconds}`);
    this.#busyTimeout = milliseconds;
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

/** What to open. */
export interface OpenRequest {
  readonly access: Access;
  /** Where the file is, or where one is to be made. */
  readonly found: FileIdentity | VacantPlace;
  /** True for a place without a file, or an empty file, that becomes a new database. */
  readonly create: boolean;
  /** True when this process has the file open already; its header must not be read then. */
  readonly isOpen: boolean;
  /** Looks again at what the name means. */
  readonly identify: () => FileIdentity | undefined;
}

/**
 * Opens a database file and checks that it is the one that was asked for.
 *
 * @throws {JobError} `NOT_A_DATABASE`, `PATH_DENIED` when the file changed meanwhile, or SQLite's code.
 */
export function openConnection(
  { access, found, create, isOpen, identify }: OpenRequest,
  settings: ConnectionSettings,
): Connection {
  if ("inode" in found && !create && !isOpen) assertHeader(found);
  const database = openDatabase(found.realPath, access, settings, create);
  try {
    assertOpenedFile(database, found.realPath);
    const identity = identify();
    if (identity === undefined || ("inode" in found && !isSameFile(identity, found))) throw replaced();
    prepareDatabase(database, access);
    if (create) database.pragma("journal_mode=WAL");
    return new Connection(database, identity, settings.busyTimeout);
  } catch (error) {
    database.close();
    throw sqlFailure(error);
  }
}

function openDatabase(path: string, access: Access, settings: ConnectionSettings, create: boolean): Database.Database {
  const name = settings.immutable ? `${pathToFileURL(path).href}?immutable=1` : path;
  try {
    return new Database(name, {
      readonly: access === "read",
      fileMustExist: !create,
      timeout: settings.busyTimeout,
    });
  } catch (error) {
    throw sqlFailure(error);
  }
}

function prepareDatabase(database: Database.Database, access: Access): void {
  // Each of these is connection state; a user's file keeps its journal mode and its synchronous level.
  database.pragma("trusted_schema=0");
  database.pragma("cell_size_check=1");
  database.pragma("temp_store=2");
  database.pragma("cache_size=-65536");
  database.pragma("mmap_size=0");
  database.pragma(access === "read" ? "query_only=1" : "foreign_keys=1");
}

/** A link swapped in between the check and the open shows here, before anything runs. */
function assertOpenedFile(database: Database.Database, realPath: string): void {
  const [row] = database.prepare<[], RawRow>("SELECT file FROM pragma_database_list WHERE name = 'main'").raw().all();
  if (row?.[0] !== realPath) throw replaced();
}

function replaced(): JobError {
  return new JobError("PATH_DENIED", "the file was replaced while it was opened.", "Repeat the call.");
}
