import type { Logger } from "@bothways/kit";
import type { Access } from "./connection.ts";
import { type EngineEnd, EngineProcess } from "./engine-process.ts";
import type { EngineSettings, Outcome } from "./task.ts";

const crashWindowMs = 10_000;
const crashesBeforeBackOff = 5;
const backOffMs = 1000;

/** What the owner of the fleet wants to know. */
export interface FleetEvents {
  /** An engine may be free for the role that `acquire` could not fill. */
  onAvailable(): void;
  onOutcome(engine: EngineProcess, outcome: Outcome): void;
  onCommitting(engine: EngineProcess): void;
  /** An engine that had a role is gone. */
  onEnd(engine: EngineProcess, end: EngineEnd): void;
  /** An engine died before it could take a task. */
  onStartFailed(): void;
}

/** Engine processes by role: readers, one writer, and one spare that takes the role of whichever is missing. */
export class Fleet {
  readonly #settings: EngineSettings;
  readonly #maxReaders: number;
  readonly #log: Logger;
  readonly #events: FleetEvents;
  readonly #readers = new Set<EngineProcess>();
  readonly #idle = new Set<EngineProcess>();
  readonly #all = new Set<EngineProcess>();
  #writer: EngineProcess | undefined;
  #spare: EngineProcess | undefined;
  readonly #crashes: number[] = [];
  #lastStart = Number.NEGATIVE_INFINITY;
  #backOff: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: EngineSettings, maxReaders: number, log: Logger, events: FleetEvents) {
    this.#settings = settings;
    this.#maxReaders = maxReaders;
    this.#log = log;
    this.#events = events;
  }

  /** Tasks that could still be taken on without waiting for a running one. */
  get openSlots(): number {
    return this.#idle.size + this.#maxReaders - this.#readers.size + (this.#writer === undefined ? 1 : 0);
  }

  /** An engine for one task; undefined when all are busy or one is being started: `onAvailable` follows. */
  acquire(access: Access): EngineProcess | undefined {
    const engine = this.#idleFor(access) ?? (this.#hasVacancy(access) ? this.#promote(access) : undefined);
    if (engine !== undefined) this.#idle.delete(engine);
    return engine;
  }

  /** Gives an engine back after its task. */
  release(engine: EngineProcess): void {
    if (!engine.isEnding) this.#idle.add(engine);
  }

  /** Kills an engine; its role is free at once for a reader, and after its end for the writer, who holds locks. */
  kill(engine: EngineProcess): void {
    engine.kill();
    this.#readers.delete(engine);
    this.#idle.delete(engine);
  }

  /** Kills every engine and waits until they are gone, but not for long. */
  async close(patienceMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#backOff);
    const gone = [...this.#all].map((engine) => engine.gone);
    for (const engine of this.#all) engine.kill();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([Promise.all(gone), patience]);
    clearTimeout(timer);
  }

  #idleFor(access: Access): EngineProcess | undefined {
    for (const engine of this.#idle) {
      if (access === "write" ? engine === this.#writer : this.#readers.has(engine)) return engine;
    }
    return undefined;
  }

  #hasVacancy(access: Access): boolean {
    return access === "write" ? this.#writer === undefined : this.#readers.size < this.#maxReaders;
  }

  #promote(access: Access): EngineProcess | undefined {
    const spare = this.#spare;
    if (spare === undefined) this.#startSpare();
    if (spare?.isReady !== true) return undefined;
    if (access === "write") this.#writer = spare;
    else this.#readers.add(spare);
    this.#spare = undefined;
    // Starting a process takes a while: the task goes out first.
    setImmediate(() => this.#startSpare());
    return spare;
  }

  #startSpare(): void {
    if (this.#closed || this.#spare !== undefined || this.#backOff !== undefined) return;
    const wait = this.#backOffLeft();
    if (wait > 0) {
      this.#backOff = setTimeout(() => {
        this.#backOff = undefined;
        this.#startSpare();
      }, wait).unref();
      return;
    }
    this.#lastStart = performance.now();
    this.#spare = new EngineProcess(this.#settings, this.#log, {
      onReady: () => this.#events.onAvailable(),
      onOutcome: (engine, outcome) => this.#events.onOutcome(engine, outcome),
      onCommitting: (engine) => this.#events.onCommitting(engine),
      onEnd: (engine, end) => this.#onEnd(engine, end),
    });
    this.#all.add(this.#spare);
  }

  #backOffLeft(): number {
    const since = performance.now() - crashWindowMs;
    while ((this.#crashes[0] ?? since) < since) this.#crashes.shift();
    return this.#crashes.length < crashesBeforeBackOff ? 0 : this.#lastStart + backOffMs - performance.now();
  }

  #onEnd(engine: EngineProcess, end: EngineEnd): void {
    this.#all.delete(engine);
    this.#readers.delete(engine);
    this.#idle.delete(engine);
    if (engine === this.#writer) this.#writer = undefined;
    if (end === "crashed") this.#crashes.push(performance.now());
    const wasSpare = engine === this.#spare;
    if (wasSpare) this.#spare = undefined;
    if (this.#closed) return;
    if (wasSpare && !engine.isReady) this.#events.onStartFailed();
    else {
      if (wasSpare) this.#startSpare();
      this.#events.onEnd(engine, end);
    }
    this.#events.onAvailable();
  }
}
