/** What the engine's main thread and its watchdog thread share, and how the main thread announces a job. */

/** Indexes into the shared cells. */
export const cell = {
  /** Changed to wake a sleeping watchdog. */
  wake: 0,
  /** Odd while a job runs; grows by one at each start and end. */
  job: 1,
  /** Milliseconds the running job may take. */
  remaining: 2,
  /** 1 while the watchdog sleeps without a timeout. */
  sleeping: 3,
  /** Resident memory in KiB as the watchdog saw it last. */
  resident: 4,
} as const;

/** What the watchdog thread is started with. */
export interface WatchdogData {
  readonly cells: Int32Array<SharedArrayBuffer>;
  /** Resident memory that ends the process, in bytes. */
  readonly maxMemory: number;
  readonly parentPid: number;
}

/** Last words of a process that its watchdog kills; the main process reads them from stderr. */
export const lastWords = { memory: "engine-ends: memory", deadline: "engine-ends: deadline" } as const;

/** The main thread's half of the watchdog. */
export class Watchdog {
  readonly cells: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(5 * 4));

  /** Announces a job; wakes the thread only when it sleeps, because a wake-up per job halves the throughput. */
  arm(remainingMs: number): void {
    Atomics.store(this.cells, cell.remaining, Math.ceil(remainingMs));
    Atomics.add(this.cells, cell.job, 1);
    if (Atomics.load(this.cells, cell.sleeping) === 1) {
      Atomics.add(this.cells, cell.wake, 1);
      Atomics.notify(this.cells, cell.wake);
    }
  }

  disarm(): void {
    Atomics.add(this.cells, cell.job, 1);
  }

  /** Bytes; at most one poll old while jobs come. */
  get residentMemory(): number {
    return Atomics.load(this.cells, cell.resident) * 1024;
  }
}
