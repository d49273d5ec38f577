import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** What a reader has to know about where figures come from. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  /** ISO date and time of the start. */
  readonly date: string;
}

/** Describes this machine. @param node Version of the Node that runs the sides. */
export function describeMachine(node: string): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split(".", 2).join(".")}`,
    node,
    date: new Date().toISOString(),
  };
}
