import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FailureError } from "@bothways/kit";
import type { Access } from "./connection.ts";
import type { DatabaseFile } from "./database-file.ts";
import type { JobFailure } from "./job-error.ts";
import type { RunOptions } from "./pool.ts";
import type { Answers, JobKind } from "./protocol.ts";
import type { EngineSettings, Task } from "./task.ts";

type Answer = Answers[JobKind] | null;

const writing: ReadonlySet<Task["job"]["kind"]> = new Set(["write", "transaction", "ddl", "import_csv", "recover"]);

/** One job on its way: waiting, running or settled. */
export class Call {
  readonly access: Access;
  readonly principalId: string;
  readonly file: DatabaseFile;
  readonly promise: Promise<Answer>;
  readonly #job: Task["job"];
  readonly #deadlineMs: number;
  readonly #deadlineAt: number;
  readonly #partialPath: string | null;
  readonly #settle: PromiseWithResolvers<Answer>;
  #release: () => void = () => undefined;
  /** True from the moment when a kill leaves open whether the change is in the file. */
  isCommitting = false;
  /** True when the database was opened by the writer for this call already. */
  isRecovered = false;

  /** @param onStop Called once when the call is cancelled or its deadline passes. */
  constructor(
    job: Task["job"],
    file: DatabaseFile,
    { signal, deadlineMs, principalId = "" }: RunOptions,
    settings: EngineSettings,
    onStop: (call: Call, reason: "deadline" | "cancel") => void,
  ) {
    this.#job = job;
    this.file = file;
    this.access = writing.has(job.kind) ? "write" : "read";
    this.principalId = principalId;
    this.#deadlineMs = deadlineMs;
    this.#deadlineAt = performance.now() + deadlineMs;
    this.#partialPath = partialPathFor(job, settings);
    this.#settle = Promise.withResolvers<Answer>();
    this.promise = this.#settle.promise;
    const timer = setTimeout(() => onStop(this, "deadline"), deadlineMs);
    const onAbort = () => onStop(this, "cancel");
    signal.addEventListener("abort", onAbort, { once: true });
    this.#release = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
  }

  task(): Task {
    return {
      job: this.#job,
      access: this.access,
      file: this.file,
      remainingMs: this.#deadlineAt - performance.now(),
      partialPath: this.#partialPath,
    };
  }

  resolve(answer: Answer): void {
    this.#release();
    this.#settle.resolve(answer);
  }

  reject(reason: unknown): void {
    this.#release();
    this.#settle.reject(reason);
  }

  fail({ code, sentence, next, details }: JobFailure): void {
    this.reject(new FailureError(code, sentence, next, details));
  }

  /** The deadline passed while the call was waiting. */
  failWaiting(): void {
    this.fail({
      code: "TIMEOUT",
      sentence: `the call was still waiting for an engine after ${this.#deadlineMs} ms; it did not run.`,
      next: "Repeat it when fewer calls are running.",
      details: { waiting: true },
    });
  }

  /** The deadline passed while the call was running; its engine was killed. */
  failRunning(): void {
    this.fail({
      code: "TIMEOUT",
      sentence: `the statement was stopped after ${this.#deadlineMs} ms.${this.fate}`,
      next: "Ask for less: add a WHERE or LIMIT, look at explain_query, or raise timeout_ms within --query-timeout.",
      details: {},
    });
  }

  /** True when the job leaves something behind: a change in the database, or a file. */
  get hasEffect(): boolean {
    return this.access === "write" || this.#partialPath !== null;
  }

  /** What a killed engine means for the data, as a sentence with a leading blank; empty for reads. */
  get fate(): string {
    if (this.access === "read") return "";
    if (!this.isCommitting) return " Its changes were rolled back.";
    return " It was just committing: look whether its changes are there before you repeat it.";
  }

  /** Removes what an unfinished export or backup left behind; call it only when no engine works on it any more. */
  async removePartial(): Promise<void> {
    if (this.#partialPath === null) return;
    for (const suffix of ["", "-journal", "-wal", "-shm"]) await rm(this.#partialPath + suffix, { force: true });
  }
}

function partialPathFor({ kind }: Task["job"], { exportDir, backupDir }: EngineSettings): string | null {
  const directory = kind === "export_query" ? exportDir : kind === "backup_database" ? backupDir : null;
  return directory === null ? null : join(directory, `.${randomUUID()}.partial`);
}
