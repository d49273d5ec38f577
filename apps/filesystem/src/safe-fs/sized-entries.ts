import { lstatSync, type Stats } from "node:fs";
import type { Pacer } from "../text/pacer.ts";
import type { Containment, HeldDirectory } from "./containment.ts";
import type { NamedEntry } from "./directory.ts";
import { errnoOf } from "./refusal.ts";

/** A directory entry with the facts that need a look at it. */
export interface SizedEntry extends NamedEntry {
  /** In bytes; 0 where the system does not tell. */
  readonly size: number;
  /** Milliseconds since 1970; absent where the system does not tell. */
  readonly mtime?: number;
}

/**
 * Looks at each entry, not through links; entries that are gone by now are left out.
 *
 * @param entries Emptied on the way, so that a huge directory is not in memory twice.
 */
export async function withSizes(
  containment: Containment,
  directory: HeldDirectory,
  entries: NamedEntry[],
  pacer: Pacer,
): Promise<SizedEntry[]> {
  const sized: SizedEntry[] = [];
  for (let entry = entries.pop(); entry; entry = entries.pop()) {
    const found = sizeOf(containment, directory, entry);
    if (found) sized.push(found);
    if (pacer.due) await pacer.pause();
  }
  return sized;
}

function sizeOf(
  containment: Containment,
  directory: HeldDirectory,
  { name, type }: NamedEntry,
): SizedEntry | undefined {
  try {
    const { size, mtimeMs } = containment.at(directory, name, lstatOf);
    return { name, type, size, mtime: Math.floor(mtimeMs) };
  } catch (error) {
    // Gone, or a directory that may be read but not entered: that is still worth listing.
    if (errnoOf(error) === undefined) throw error;
    return errnoOf(error) === "ENOENT" ? undefined : { name, type, size: 0 };
  }
}

function lstatOf(path: string): Stats {
  return lstatSync(path);
}
