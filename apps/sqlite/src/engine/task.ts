import type { Access, Connection, ConnectionSettings } from "./connection.ts";
import type { DatabaseFile } from "./database-file.ts";
import type { JobFailure } from "./job-error.ts";
import type { Answers, Job, JobKind } from "./protocol.ts";

/** Opens a database with the writer and reads once: rolls back a hot journal, creates a missing file. */
export interface RecoverJob {
  readonly kind: "recover";
}

/** What an engine process is told once, before its first task. */
export interface EngineSettings extends ConnectionSettings {
  /** Resident memory at most, in MiB. */
  readonly maxMemory: number;
  /** Real paths; null disables the jobs that need them. */
  readonly importDir: string | null;
  readonly exportDir: string | null;
  readonly backupDir: string | null;
  readonly parentPid: number;
}

/** One job with everything the engine needs to run it. */
export interface Task {
  readonly job: Job | RecoverJob;
  readonly access: Access;
  readonly file: DatabaseFile;
  /** Milliseconds left until the main process kills the engine. */
  readonly remainingMs: number;
  /** Where a job that makes a file writes until it is complete; the main process removes what is left there. */
  readonly partialPath: string | null;
}

/** Main process to engine. */
export type ToEngine =
  | { readonly type: "settings"; readonly settings: EngineSettings }
  | { readonly type: "task"; readonly task: Task };

/** Failed job, its answer, or the stack of a bug. */
export type Outcome =
  | { readonly answer: Answers[JobKind] | null }
  | { readonly failure: JobFailure }
  | { readonly bug: string };

/** Engine to main process. */
export type FromEngine =
  | { readonly type: "ready" }
  /** From here on a kill leaves open whether the change was committed. */
  | { readonly type: "committing" }
  /** `retiring`: the engine holds so much memory that it ends instead of taking another task. */
  | { readonly type: "outcome"; readonly outcome: Outcome; readonly retiring: boolean };

/** What a job works with inside the engine. */
export interface JobContext {
  readonly connection: Connection;
  readonly settings: EngineSettings;
  readonly partialPath: string | null;
  readonly announceCommit: () => void;
  /** Refuses to read a file that belongs to an open database. */
  readonly assertNotOpen: (path: string) => void;
}
