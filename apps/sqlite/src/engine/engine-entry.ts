/** Main module of an engine process: runs one task at a time and can be killed at any moment. */
import { flushCompileCache } from "node:module";
import { Worker } from "node:worker_threads";
import { Connections } from "./connections.ts";
import { JobError } from "./job-error.ts";
import { runJob } from "./run-job.ts";
import { sqlFailure } from "./sqlite-failure.ts";
import type { EngineSettings, FromEngine, Outcome, Task, ToEngine } from "./task.ts";
import { Watchdog, type WatchdogData } from "./watchdog.ts";

const mebibyte = 1024 * 1024;

/** Room to answer `BUSY` before the main process kills the engine. */
const busyMarginMs = 100;

class Engine {
  readonly #settings: EngineSettings;
  readonly #connections: Connections;
  readonly #watchdog = new Watchdog();
  readonly #maxMemory: number;
  /** Held memory that would make the next task the victim of the last one, in bytes. */
  readonly #retireAt: number;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
    this.#connections = new Connections(settings);
    this.#maxMemory = settings.maxMemory * mebibyte;
    this.#retireAt = (this.#maxMemory + process.memoryUsage.rss()) / 2;
  }

  /** Starts the watchdog thread; resolves once it watches. */
  async start(): Promise<void> {
    const workerData: WatchdogData = {
      cells: this.#watchdog.cells,
      maxMemory: this.#maxMemory,
      parentPid: this.#settings.parentPid,
    };
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "mjs";
    const worker = new Worker(new URL(`./watchdog-entry.${extension}`, import.meta.url), { workerData });
    await new Promise<void>((resolve, reject) => {
      worker.once("online", resolve).once("error", reject);
    });
    // An engine without a watchdog must not live.
    worker.once("exit", () => process.exit(1));
  }

  async run(task: Task): Promise<void> {
    this.#watchdog.arm(task.remainingMs);
    const outcome = await this.#outcomeOf(task);
    this.#watchdog.disarm();
    const retiring = this.#watchdog.residentMemory > this.#retireAt;
    send({ type: "outcome", outcome, retiring });
  }

  async #outcomeOf({ job, file, access, remainingMs, partialPath }: Task): Promise<Outcome> {
    try {
      const connection = this.#connections.acquire(file, access);
      connection.waitAtMost(Math.max(0, Math.min(this.#settings.busyTimeout, Math.floor(remainingMs) - busyMarginMs)));
      const context = {
        connection,
        settings: this.#settings,
        partialPath,
        announceCommit: () => send({ type: "committing" }),
        assertNotOpen: (path: string) => this.#connections.assertNotOpen(path),
      };
      return await runJob(context, job);
    } catch (error) {
      const cause = sqlFailure(error);
      if (cause instanceof JobError) return { failure: cause.failure };
      return { bug: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) };
    }
  }
}

let engine: Engine | undefined;

// A rejection is a bug or a watchdog that does not start: Node ends the process, and the main process notices.
process.on("message", (message: ToEngine) => void receive(message));

// The main process is gone: SQLite is idle now, else the watchdog would have noticed first.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

async function receive(message: ToEngine): Promise<void> {
  if (message.type === "task") {
    await engine?.run(message.task);
    return;
  }
  engine = new Engine(message.settings);
  await engine.start();
  send({ type: "ready" });
  // Node writes its cache of compiled code at exit, which an engine never reaches.
  flushCompileCache();
}

function send(message: FromEngine): void {
  process.send?.(message);
}
