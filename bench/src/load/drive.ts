import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { HttpPlan, Level, LoadReport, OrderAnswer, StdioPlan } from "./plan.ts";

/** A generator process with its plan, ready to run levels; disposing ends it, and the server if it started one. */
export interface Load extends AsyncDisposable {
  run(level: Level): Promise<LoadReport>;
}

/**
 * Starts a load generator in a process of its own, so that its work is in no other figure.
 *
 * `http` loads a server that already listens; `stdio` starts the server itself, because it has to hold its pipes.
 */
export async function openLoad(kind: "http", plan: HttpPlan): Promise<Load>;
export async function openLoad(kind: "stdio", plan: StdioPlan): Promise<Load>;
export async function openLoad(kind: "http" | "stdio", plan: HttpPlan | StdioPlan): Promise<Load> {
  const entry = fileURLToPath(new URL(`./${kind}-load-entry.ts`, import.meta.url));
  // "advanced" carries buffers.
  const child = fork(entry, { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const dispose = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.disconnect();
    const limit = setTimeout(() => child.kill("SIGKILL"), endLimit);
    await exited;
    clearTimeout(limit);
  };
  try {
    await order(child, { plan }, answerGrace);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    run: async (level) => {
      const answer = await order(child, { level }, level.seconds * 1000 + answerGrace);
      if ("report" in answer) return answer.report;
      throw new Error("The load generator answered out of turn.");
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Calls before the first level that counts: V8 goes on optimising an SDK server for some ten thousand calls. */
export function warmUp(quick: boolean, inFlight: number): Level {
  return quick ? { inFlight, calls: 10_000, seconds: 5 } : { inFlight, calls: 30_000, seconds: 12 };
}

const answerGrace = 20_000;
const endLimit = 3000;

async function order(child: ChildProcess, message: object, milliseconds: number): Promise<OrderAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<OrderAnswer>();
  const limit = setTimeout(() => {
    reject(new Error("The load did not end in time; a call was probably never answered."));
    child.kill("SIGKILL");
  }, milliseconds);
  // The entries send nothing else.
  const onMessage = (answer: unknown): void => resolve(answer as OrderAnswer);
  const onExit = (code: number | null): void => reject(new Error(`The load generator ended with ${String(code)}.`));
  child.once("message", onMessage);
  child.once("exit", onExit);
  child.send(message);
  try {
    const answer = await promise;
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  } finally {
    clearTimeout(limit);
    child.off("message", onMessage);
    child.off("exit", onExit);
  }
}
