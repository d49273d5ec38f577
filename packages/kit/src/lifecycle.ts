import type { Running } from "./serve.ts";

/** What the process tells the lifecycle; `run` wires it to signals. */
export interface Lifecycle {
  /** A first request to stop drains, a second one ends at once with `128 + signal`. */
  stop(signalNumber: number): void;
  /** The process that started this one is gone: ends as when its connection does. */
  orphaned(): void;
  /** An error nobody caught: drain briefly, exit 1. */
  crash(): void;
}

/** Ends the process; `run` gives `process.exit`. */
export type Exit = (code: number) => void;

const crashDeadlineMs = 2000;

/**
 * Ends a running server exactly once, whatever asks for it first: a signal, the end of its connection, a crash.
 * Exit code 0 after a clean drain, 1 when the drain deadline passed or after a crash.
 */
export function superviseRunning(running: Running, exit: Exit): Lifecycle {
  let stopping = false;
  const end = async (code: number): Promise<void> => {
    const outcome = await running.drain();
    exit(outcome === "drained" ? code : 1);
  };
  const endOnce = (code: number): void => {
    if (stopping) return;
    stopping = true;
    end(code).catch(() => exit(1));
  };
  void running.ended.then(() => endOnce(0));
  return {
    stop(signalNumber) {
      if (stopping) exit(128 + signalNumber);
      else endOnce(0);
    },
    orphaned: () => endOnce(0),
    crash() {
      setTimeout(() => exit(1), crashDeadlineMs).unref();
      endOnce(1);
    },
  };
}
