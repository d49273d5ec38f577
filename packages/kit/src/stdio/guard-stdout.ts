import { syncBuiltinESMExports } from "node:module";

/** Lives on `process`, so that a second copy of this module, in another bundle, finds the stream behind the guard. */
const original: unique symbol = Symbol.for("bothways.stdout");

// The symbol is ours alone, so nothing else can have put a value of another shape there.
const guarded = process as typeof process & { [original]?: NodeJS.WriteStream };

/** File descriptor 1, guarded or not: for protocol messages, and for answers to the operator such as `--help`. */
export const realStdout: NodeJS.WriteStream = guarded[original] ?? process.stdout;

/**
 * Makes `process.stdout`, and the console with it, another name of `process.stderr`; idempotent.
 *
 * A stray line among the messages breaks the protocol, and one without a line end breaks the message after it.
 * The property is replaced rather than `write`, so that `end`, `pipe` and the output of workers are caught as well.
 */
export function guardStdout(): void {
  if (guarded[original] !== undefined) return;
  Object.defineProperty(guarded, original, { value: realStdout });
  Object.defineProperty(process, "stdout", { configurable: true, enumerable: true, get: () => process.stderr });
  syncBuiltinESMExports();
}
