import type { Logger } from "@bothways/kit";
import type { Answers, JobKind, JobOf } from "./protocol.ts";

/** A database the operator named. */
export interface NamedDatabase {
  readonly name: string;
  /** As given; resolved once when the engines open. */
  readonly path: string;
  /** Flag or variable that gave it, for error messages. */
  readonly source: string;
}

/** What the engines need to know; durations in ms, memory and growth in MiB. */
export interface EngineConfig {
  readonly databases: readonly NamedDatabase[];
  /** Directories below which any database file may be named by its relative path. */
  readonly allowDirs: readonly string[];
  readonly readWrite: boolean;
  readonly create: boolean;
  readonly immutable: boolean;
  readonly readers: number;
  /** Calls that may wait; one more gets `OVERLOADED`. */
  readonly maxQueue: number;
  readonly maxMemory: number;
  /** 0 means no cap. */
  readonly maxGrowth: number;
  readonly busyTimeout: number;
  /** Directories of `--import-dir`, `--export-dir` and `--backup-dir`; null disables the jobs that need them. */
  readonly importDir: string | null;
  readonly exportDir: string | null;
  readonly backupDir: string | null;
  readonly log: Logger;
}

/** How one job runs. */
export interface RunOptions {
  /** Aborting kills the engine that runs the job, or takes the job out of the queue. */
  readonly signal: AbortSignal;
  /** Milliseconds the job may take, waiting included. */
  readonly deadlineMs: number;
  /** Callers are served in turns. @default one caller for all */
  readonly principalId?: string | undefined;
}

/** A database that exists now, as `list_databases` shows it. */
export interface DatabaseEntry {
  readonly name: string;
  readonly mode: "read-only" | "read-write" | "immutable";
  /** Real absolute path; show it only with `--show-paths`. */
  readonly path: string;
}

/** Runs jobs in killable processes; disposing it kills them all. */
export interface EnginePool extends AsyncDisposable {
  /**
   * Runs one job.
   *
   * @throws {FailureError} with the documented codes; a cancelled job rejects with `signal.reason`.
   */
  run<Kind extends JobKind>(job: JobOf<Kind>, options: RunOptions): Promise<Answers[Kind]>;
  /** Configured databases first, then files found below the allowed directories by name, at most `limit` of these. */
  list(limit: number): Promise<{ readonly databases: readonly DatabaseEntry[]; readonly truncated: boolean }>;
}

/**
 * Checks every path of the configuration; starts no process and opens no database.
 *
 * @throws {KitError} `ERR_OPTION_INVALID`, naming the flag, for a path that cannot be used.
 */
export declare function openEngines(config: EngineConfig): Promise<EnginePool>;
