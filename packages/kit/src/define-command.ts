import type { Writable } from "node:stream";
import type { z } from "zod";
import type { Logger } from "./observe/logger.ts";

/** Where a command writes. */
export interface CommandContext {
  readonly log: Logger;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Something the bin does instead of serving: `bothways-analytics import …`. Options erased, parsed at run time. */
export interface Command {
  /** One line for `--help`. */
  readonly describe: string;
  readonly options: z.ZodObject;
  run(options: never, context: CommandContext): Promise<number> | number;
}

/** Declares one command; `run` resolves with the exit code. */
export function defineCommand<Schema extends z.ZodObject>(definition: {
  readonly describe: string;
  readonly options: Schema;
  run(options: z.output<Schema>, context: CommandContext): Promise<number> | number;
}): Command {
  // The bin parses with `options` before it calls `run`, so the erased parameter is sound.
  return definition;
}
