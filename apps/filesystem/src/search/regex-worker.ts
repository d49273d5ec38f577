import { Worker } from "node:worker_threads";
import type { MatchRange } from "./regex-matching.ts";

/** Texts to search, one behind the other in `content`. */
export interface RegexTask {
  readonly source: string;
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  /** Most matches of each text. */
  readonly limit: number;
  readonly content: ArrayBuffer;
  readonly lengths: readonly number[];
}

/** Matches of each text, as start and end by turns; `content` is handed back. */
export interface RegexAnswer {
  readonly ranges: readonly Float64Array[];
  readonly content: ArrayBuffer;
}

const keptWorkers = 2;
const moduleUrl = new URL(
  import.meta.url.endsWith(".ts") ? "./regex-worker-entry.ts" : "./regex-worker-entry.mjs",
  import.meta.url,
);

/**
 * Runs regular expressions in threads of their own, because one that takes for ever can only be stopped together with
 * its thread. Threads are kept for the next search.
 */
export class RegexWorkers implements AsyncDisposable {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /**
   * Searches texts.
   *
   * @param stop Ends the thread when it aborts.
   * @throws the signal's reason.
   */
  async run(task: RegexTask, stop: AbortSignal): Promise<{ ranges: MatchRange[][]; content: ArrayBuffer }> {
    stop.throwIfAborted();
    const worker = this.#idle.pop() ?? this.#start();
    let isHealthy = false;
    try {
      const answer = await ask(worker, task, stop);
      isHealthy = true;
      return { ranges: answer.ranges.map(rangesOf), content: answer.content };
    } finally {
      if (isHealthy && this.#idle.length < keptWorkers) this.#idle.push(worker);
      else {
        this.#all.delete(worker);
        await worker.terminate();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#idle.length = 0;
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
  }

  #start(): Worker {
    const worker = new Worker(moduleUrl, { name: "regex" });
    worker.unref();
    this.#all.add(worker);
    return worker;
  }
}

async function ask(worker: Worker, task: RegexTask, stop: AbortSignal): Promise<RegexAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RegexAnswer>();
  const onAbort = (): void => reject(stop.reason instanceof Error ? stop.reason : new Error("stopped"));
  worker.once("message", resolve);
  worker.once("error", reject);
  stop.addEventListener("abort", onAbort, { once: true });
  worker.ref();
  try {
    worker.postMessage(task, [task.content]);
    return await promise;
  } finally {
    worker.unref();
    worker.off("message", resolve);
    worker.off("error", reject);
    stop.removeEventListener("abort", onAbort);
  }
}

function rangesOf(pairs: Float64Array): MatchRange[] {
  return Array.from({ length: pairs.length / 2 }, (_, index) => ({
    start: pairs[2 * index] ?? 0,
    end: pairs[2 * index + 1] ?? 0,
  }));
}
