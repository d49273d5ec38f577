import type { Running } from "./serve.ts";

/** What the process tells the lifecycle; `run` wires it to signals. */
export interface Lifecycle {
  /** A first request to stop drains, a second one ends at once with `128 + signal`. */
  stop(signalNumber: number): void;
  /** The process that started this one is gone: ends as when its connection does, but soon. */
  orphaned(): void;
  /** An error nobody caught: drain briefly, exit 1. */
  crash(): void;
}

/** Ends the process; called again, at once. */
export type Exit = (code: number) => void;

const crashDeadlineMs = 2000;
/** With the two seconds between samples of the parent, an orphan is gone within five. */
const orphanDeadlineMs = 1500;
/** For whatever else a drain does after its deadline; then the process ends whether that is done or not. */
const lastMs = 1000;

/**
 * Ends a running server exactly once, whatever asks for it first: a signal, the end of its connection, a crash.
 * Exit code 0 after a clean drain, 1 when the drain deadline passed or after a crash.
 */
export function superviseRunning(running: Running, exit: Exit): Lifecycle {
  let stopping = false;
  let cleanCode = 0;
  const drain = async (withinMs?: number): Promise<void> => {
    const outcome = await running.drain(withinMs);
    exit(outcome === "drained" ? cleanCode : 1);
  };
  const end = (withinMs?: number): void => {
    stopping = true;
    drain(withinMs).catch(() => exit(1));
    if (withinMs !== undefined) setTimeout(() => exit(1), withinMs + lastMs).unref();
  };
  const endOnce = (): void => {
    if (!stopping) end();
  };
  void running.ended.then(endOnce);
  return {
    stop(signalNumber) {
      if (stopping) exit(128 + signalNumber);
      else endOnce();
    },
    // Also after its input has ended: nobody is left to wait for.
    orphaned: () => end(orphanDeadlineMs),
    crash() {
      cleanCode = 1;
      end(crashDeadlineMs);
    },
  };
}
