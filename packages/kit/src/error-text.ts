import { inspect } from "node:util";

/** What a log says of something thrown; never throws itself, whatever was thrown. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}
