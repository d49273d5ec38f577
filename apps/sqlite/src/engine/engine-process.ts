import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Logger } from "@bothways/kit";
import { engineEnvironment } from "../environment.ts";
import type { EngineSettings, FromEngine, Outcome, Task, ToEngine } from "./task.ts";
import { lastWords } from "./watchdog.ts";

/** A machine under load starts a process in seconds, a broken one never. */
const startPatienceMs = 30_000;

/** Why an engine process ended: killed by us, by its watchdog, on its own request, or by itself. */
export type EngineEnd = "killed" | "memory" | "deadline" | "retired" | "crashed";

/** What an engine tells its owner; each but `onOutcome` and `onCommitting` comes at most once. */
export interface EngineEvents {
  onReady(engine: EngineProcess): void;
  onOutcome(engine: EngineProcess, outcome: Outcome): void;
  onCommitting(engine: EngineProcess): void;
  /** The process is gone and so are its locks. */
  onEnd(engine: EngineProcess, end: EngineEnd): void;
}

/** One engine process: started, given one task at a time, killed without notice. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #events: EngineEvents;
  readonly #gone = Promise.withResolvers<void>();
  #end: EngineEnd | undefined;
  readonly #starting: NodeJS.Timeout;
  #isReady = false;

  constructor(settings: EngineSettings, log: Logger, events: EngineEvents) {
    this.#events = events;
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "mjs";
    this.#child = fork(fileURLToPath(new URL(`./engine-entry.${extension}`, import.meta.url)), [], {
      execArgv: [],
      env: engineEnvironment(settings.immutable),
      // Never our stdout: it carries the protocol. JSON beats the structured clone for messages like ours.
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "json",
    });
    this.#listen(log);
    this.#send({ type: "settings", settings });
    this.#starting = setTimeout(() => this.#endAs("crashed"), startPatienceMs).unref();
    // A call in flight has its deadline timer; an idle engine must not keep the main process alive.
    this.#child.unref();
    this.#child.channel?.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True once the engine can take a task. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** True when the engine must get no further task. */
  get isEnding(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves when the process is gone. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  run(task: Task): void {
    this.#send({ type: "task", task });
  }

  /** SIGKILL: the only thing that stops SQLite. `onEnd` follows when the process is gone. */
  kill(): void {
    this.#endAs("killed");
  }

  #endAs(end: EngineEnd): void {
    this.#end ??= end;
    this.#child.kill("SIGKILL");
  }

  #listen(log: Logger): void {
    const { pid, stderr } = this.#child;
    this.#child.on("message", (message: FromEngine) => this.#receive(message));
    // Failure to start; `close` does not follow then.
    this.#child.once("error", (error) => {
      log.error("engine failed", { pid, reason: error.message });
      if (pid === undefined) this.#ended();
    });
    // Unlike `exit`, `close` comes after the last line of stderr.
    this.#child.once("close", () => this.#ended());
    if (stderr === null) return;
    if ("unref" in stderr && typeof stderr.unref === "function") stderr.unref();
    createInterface({ input: stderr }).on("line", (line) => {
      if (line === lastWords.memory) this.#end ??= "memory";
      else if (line === lastWords.deadline) this.#end ??= "deadline";
      else log.warn("engine stderr", { pid, line });
    });
  }

  #ended(): void {
    clearTimeout(this.#starting);
    this.#gone.resolve();
    this.#events.onEnd(this, (this.#end ??= "crashed"));
  }

  #receive(message: FromEngine): void {
    // What was sent before the kill still counts: a change may have been committed by then.
    switch (message.type) {
      case "ready":
        clearTimeout(this.#starting);
        this.#isReady = true;
        this.#events.onReady(this);
        return;
      case "committing":
        this.#events.onCommitting(this);
        return;
      case "outcome":
        if (message.retiring) this.#endAs("retired");
        this.#events.onOutcome(this, message.outcome);
    }
  }

  #send(message: ToEngine): void {
    // An engine that died meanwhile reports itself through `close`.
    this.#child.send(message, () => undefined);
  }
}
