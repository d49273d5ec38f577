import { randomBytes } from "node:crypto";

const pattern = /^\.bothways-(\d{1,10})-([0-9a-z]{1,16})-[0-9a-f]{16}\.tmp$/;

/** The process that made a temporary file. */
export interface TemporaryOwner {
  readonly processId: number;
  /** When that process started, as this server writes it; tells two processes of one id apart. */
  readonly started: string;
}

/** A fresh name for a file that replaces another when it is complete. */
export function temporaryName({ processId, started }: TemporaryOwner): string {
  return `.bothways-${processId}-${started}-${randomBytes(8).toString("hex")}.tmp`;
}

/** True for names that only this server gives; they are left out of every list. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith(".bothways-") && pattern.test(name);
}

/** Who made a temporary file; `undefined` for every other name. */
export function temporaryOwner(name: string): TemporaryOwner | undefined {
  const [, id, started] = pattern.exec(name) ?? [];
  return id === undefined || started === undefined ? undefined : { processId: Number(id), started };
}
