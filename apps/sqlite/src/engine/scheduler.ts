import { type Failure, FailureError, failure, type Logger } from "@bothways/kit";
import { Call } from "./call.ts";
import { CallQueue } from "./call-queue.ts";
import type { Access } from "./connection.ts";
import type { DatabaseFile } from "./database-file.ts";
import type { EngineEnd, EngineProcess } from "./engine-process.ts";
import { needsWriter } from "./failure-codes.ts";
import { Fleet } from "./fleet.ts";
import type { RunOptions } from "./pool.ts";
import type { Answers, Job, JobKind } from "./protocol.ts";
import { Recoveries } from "./recoveries.ts";
import type { EngineSettings, Outcome } from "./task.ts";

/** A recovery may have to roll back a journal as large as the largest write. */
const recoveryDeadlineMs = 60_000;
const recoveryPauseMs = 100;
/** Long enough for the signal to do its work, too short to hold up an exit. */
const closePatienceMs = 250;

/** Failures of a recovery that may not happen again. */
const passingFailures: ReadonlySet<string> = new Set(["BUSY", "TIMEOUT", "ENGINE_CRASHED", "MEMORY_LIMIT"]);

const needsRecovery: Failure = failure(
  "NEEDS_RECOVERY",
  "a crashed program left an unfinished change in the database, and a reader cannot undo it.",
  "Ask the operator to open the database once with --read-write.",
);

/** What the scheduler is built from. */
export interface SchedulerConfig {
  readonly settings: EngineSettings;
  readonly readers: number;
  readonly maxQueue: number;
  readonly readWrite: boolean;
  readonly log: Logger;
}

/** Brings calls and engines together: whose turn it is, what a deadline or a death means, what has to be repaired. */
export class Scheduler {
  readonly #config: SchedulerConfig;
  readonly #fleet: Fleet;
  readonly #queues: Readonly<Record<Access, CallQueue<Call>>> = { read: new CallQueue(), write: new CallQueue() };
  /** Go before everything else that writes. */
  readonly #repairs: Call[] = [];
  readonly #running = new Map<EngineProcess, Call>();
  readonly #recoveries = new Recoveries((file) => this.#repair(file));
  #closed = false;

  constructor(config: SchedulerConfig) {
    this.#config = config;
    this.#fleet = new Fleet(config.settings, config.readers, config.log, {
      onAvailable: () => this.#dispatch(),
      onOutcome: (engine, outcome) => this.#onOutcome(engine, outcome),
      onCommitting: (engine) => {
        const call = this.#running.get(engine);
        if (call !== undefined) call.isCommitting = true;
      },
      onEnd: (engine, end) => this.#onEnd(engine, end),
      onStartFailed: () => this.#onStartFailed(),
    });
  }

  /** Runs one job; the answer is that of its kind. */
  run(job: Job, file: DatabaseFile, options: RunOptions): Promise<Answers[JobKind] | null> {
    if (this.#closed) return Promise.reject(stopping());
    // A rejection with the signal's own reason, as `AbortSignal.throwIfAborted` would throw.
    if (options.signal.aborted) return Promise.reject(options.signal.reason);
    const stop = (call: Call, reason: "deadline" | "cancel") => this.#stop(call, reason, options.signal);
    const call = new Call(job, file, options, this.#config.settings, stop);
    this.#queues[call.access].add(call);
    this.#recoveries.resume(file);
    this.#dispatch();
    this.#relieve(call);
    return call.promise;
  }

  /** Ends every call and every engine. */
  async close(): Promise<void> {
    this.#closed = true;
    const calls = [...this.#queues.read.drain(), ...this.#queues.write.drain(), ...this.#running.values()];
    await this.#fleet.close(closePatienceMs);
    for (const call of calls) {
      call.reject(stopping());
      await call.removePartial();
    }
    for (const repair of this.#repairs) repair.reject(stopping());
  }

  #dispatch(): void {
    if (this.#closed) return;
    this.#dispatchOf("write");
    this.#dispatchOf("read");
  }

  #dispatchOf(access: Access): void {
    const mayRun = (call: Call) => !this.#recoveries.blocks(call.file);
    for (;;) {
      const hasRepair = access === "write" && this.#repairs.length > 0;
      if (!hasRepair && !this.#queues[access].has(mayRun)) return;
      const engine = this.#fleet.acquire(access);
      if (engine === undefined) return;
      const call = hasRepair ? this.#repairs.shift() : this.#queues[access].take(mayRun);
      if (call === undefined) return this.#fleet.release(engine);
      this.#running.set(engine, call);
      engine.run(call.task());
    }
  }

  #onOutcome(engine: EngineProcess, outcome: Outcome): void {
    const call = this.#running.get(engine);
    this.#running.delete(engine);
    this.#fleet.release(engine);
    if (call !== undefined) this.#conclude(call, outcome);
    this.#dispatch();
  }

  #conclude(call: Call, outcome: Outcome): void {
    if ("answer" in outcome) {
      call.resolve(outcome.answer);
      return;
    }
    if ("failure" in outcome && outcome.failure.code === needsWriter) {
      this.#letWriterOpen(call);
      return;
    }
    this.#discardPartial(call);
    if ("failure" in outcome) call.fail(outcome.failure);
    else call.reject(new Error("a job failed inside its engine", { cause: outcome.bug }));
  }

  /** A reader met a hot journal, or a file that has yet to be created: the writer opens it, then the call runs again. */
  #letWriterOpen(call: Call): void {
    if (this.#config.readWrite && call.access === "read" && !call.isRecovered) {
      call.isRecovered = true;
      this.#queues.read.putBack(call);
      this.#recoveries.begin(call.file);
      return;
    }
    call.fail(this.#recoveries.failureOf(call.file) ?? needsRecovery);
  }

  /** The deadline passed or the caller went away. */
  #stop(call: Call, reason: "deadline" | "cancel", signal: AbortSignal): void {
    const engine = [...this.#running].find(([, running]) => running === call)?.[0];
    if (engine === undefined) {
      this.#queues[call.access].remove(call);
      if (reason === "deadline") call.failWaiting();
      else call.reject(signal.reason);
      return;
    }
    this.#config.log.info("engine killed", { reason, pid: engine.pid, database: call.file.name });
    this.#fleet.kill(engine);
    if (reason === "cancel") call.reject(signal.reason);
    // A call that leaves something behind is answered when the process is gone: only then is its fate known.
    else if (!call.hasEffect) call.failRunning();
    if (call.access === "write") this.#recoveries.begin(call.file);
    this.#dispatch();
  }

  #onEnd(engine: EngineProcess, end: EngineEnd): void {
    const call = this.#running.get(engine);
    this.#running.delete(engine);
    if (call === undefined) return;
    this.#discardPartial(call);
    if (end === "killed") {
      call.failRunning();
      return;
    }
    this.#config.log.warn("engine ended", { reason: end, pid: engine.pid, database: call.file.name });
    if (call.access === "write") this.#recoveries.begin(call.file);
    if (end === "deadline") call.failRunning();
    else call.fail(end === "memory" ? memoryLimit(call, this.#config.settings) : crashed(call));
  }

  /** Rather one failed call with the reason in the log than calls that wait for an engine that never comes. */
  #onStartFailed(): void {
    const call = this.#repairs.shift() ?? this.#queues.write.take(() => true) ?? this.#queues.read.take(() => true);
    call?.fail(
      failure(
        "ENGINE_CRASHED",
        "an engine process could not be started.",
        "Repeat the call; the server's log has the reason.",
      ),
    );
  }

  #repair(file: DatabaseFile): void {
    const options = { signal: new AbortController().signal, deadlineMs: recoveryDeadlineMs };
    const call = new Call({ kind: "recover" }, file, options, this.#config.settings, (repair) => {
      const index = this.#repairs.indexOf(repair);
      if (index === -1) this.#stop(repair, "deadline", options.signal);
      else this.#repairs.splice(index, 1)[0]?.failWaiting();
    });
    this.#repairs.push(call);
    void this.#followRepair(call);
    // The caller may be in the middle of its own bookkeeping.
    setImmediate(() => this.#dispatch());
  }

  async #followRepair(call: Call): Promise<void> {
    let reason: Failure | undefined;
    try {
      await call.promise;
    } catch (error) {
      reason = error instanceof FailureError ? error.failure : needsRecovery;
      this.#config.log.warn("recovery failed", { database: call.file.name, code: reason.code });
    }
    const isWorthAnother = reason !== undefined && passingFailures.has(reason.code);
    this.#recoveries.finish(call.file, reason, isWorthAnother);
    if (isWorthAnother && this.#isWanted(call.file)) {
      setTimeout(() => this.#recoveries.resume(call.file), recoveryPauseMs).unref();
    }
    this.#dispatch();
  }

  #isWanted(file: DatabaseFile): boolean {
    const isOnFile = (call: Call) => call.file.name === file.name;
    return this.#queues.read.has(isOnFile) || this.#queues.write.has(isOnFile);
  }

  /** Keeps the queue within its limit: the caller with the most waiting calls loses the latest one. */
  #relieve(newcomer: Call): void {
    const { read, write } = this.#queues;
    if (read.size + write.size <= this.#config.maxQueue + this.#fleet.openSlots) return;
    const waiting = (principal: string) => read.countOf(principal) + write.countOf(principal);
    const principals = new Set([...read.principals(), ...write.principals()]);
    let victim = newcomer.principalId;
    for (const one of principals) if (waiting(one) > waiting(victim)) victim = one;
    const call = victim === newcomer.principalId ? newcomer : (read.lastOf(victim) ?? write.lastOf(victim));
    if (call === undefined || !this.#queues[call.access].remove(call)) return;
    const sentence = `${this.#config.maxQueue} calls are waiting already.`;
    call.fail(failure("OVERLOADED", sentence, "Repeat the call in a moment."));
  }

  #discardPartial(call: Call): void {
    call.removePartial().catch((error: unknown) => {
      this.#config.log.warn("unfinished file not removed", { reason: error instanceof Error ? error.message : "" });
    });
  }
}

function memoryLimit(call: Call, { maxMemory }: EngineSettings): Failure {
  return failure(
    "MEMORY_LIMIT",
    `the statement needed more than ${maxMemory} MiB of memory and was stopped.${call.fate}`,
    "Ask for less at once: fewer rows, no sort or group over everything, no huge values.",
  );
}

function crashed(call: Call): Failure {
  return failure(
    "ENGINE_CRASHED",
    `the engine process died during the call.${call.fate}`,
    "Repeat the call; if it happens again, call check_database.",
  );
}

function stopping(): FailureError {
  return new FailureError("UNAVAILABLE", "the server is stopping.", "Repeat the call when it runs again.");
}
