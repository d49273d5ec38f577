import { lstatSync } from "node:fs";
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

/** Looks at each entry, not through links; entries that are gone by now are left out. */
export async function withSizes(
  containment: Containment,
  directory: HeldDirectory,
  entries: readonly NamedEntry[],
  pacer: Pacer,
): Promise<SizedEntry[]> {
  const sized: SizedEntry[] = [];
  for (const entry of entries) {
    const found = sizeOf(containment, directory, entry);
    if (found) sized.push(found);
    if (pacer.due) await pacer.pause();
  }
  return sized;
}

function sizeOf(containment: Containment, directory: HeldDirectory, entry: NamedEntry): SizedEntry | undefined {
  try {
    const { size, mtimeMs } = containment.at(directory, entry.name, (path) => lstatSync(path));
    return { ...entry, size, mtime: Math.floor(mtimeMs) };
  } catch (error) {
    // Gone, or a directory that may be read but not entered: that is still worth listing.
    if (errnoOf(error) === undefined) throw error;
    return errnoOf(error) === "ENOENT" ? undefined : { ...entry, size: 0 };
  }
}
