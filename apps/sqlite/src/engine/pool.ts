import type { Logger } from "@bothways/kit";
import { ownPid } from "../environment.ts";
import { Catalogue, realDirectory } from "./catalogue.ts";
import type { Answers, Job, JobKind, JobOf } from "./protocol.ts";
import { Scheduler } from "./scheduler.ts";
import type { EngineSettings } from "./task.ts";

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
export async function openEngines(config: EngineConfig): Promise<EnginePool> {
  const { readers, maxQueue, readWrite, log } = config;
  const scheduler = new Scheduler({ settings: settingsOf(config), readers, maxQueue, readWrite, log });
  return new Engines(new Catalogue(config), scheduler);
}

class Engines implements EnginePool {
  readonly #catalogue: Catalogue;
  readonly #scheduler: Scheduler;

  constructor(catalogue: Catalogue, scheduler: Scheduler) {
    this.#catalogue = catalogue;
    this.#scheduler = scheduler;
  }

  // The signature says what types cannot show: an engine answers each kind of job with the answer of that kind.
  run<Kind extends JobKind>(job: JobOf<Kind>, options: RunOptions): Promise<Answers[Kind]>;
  async run(job: Job, options: RunOptions): Promise<Answers[JobKind] | null> {
    return this.#scheduler.run(job, this.#catalogue.resolve(job.database), options);
  }

  list(limit: number): ReturnType<EnginePool["list"]> {
    return this.#catalogue.list(limit);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scheduler.close();
  }
}

function settingsOf({ importDir, exportDir, backupDir, ...config }: EngineConfig): EngineSettings {
  const { immutable, maxMemory, maxGrowth, busyTimeout } = config;
  return {
    immutable,
    maxMemory,
    maxGrowth,
    busyTimeout,
    importDir: directoryOf(importDir, "--import-dir"),
    exportDir: directoryOf(exportDir, "--export-dir"),
    backupDir: directoryOf(backupDir, "--backup-dir"),
    parentPid: ownPid(),
  };
}

function directoryOf(path: string | null, flag: string): string | null {
  return path === null ? null : realDirectory(path, flag);
}
