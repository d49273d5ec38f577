import { closeSync, constants } from "node:fs";
import type { Containment, HeldDirectory } from "./containment.ts";
import type { Root } from "./roots.ts";
import { isKernelView } from "./special-volumes.ts";

/** A regular file of a held directory, open for reading until disposed. */
export interface EntryFile extends Disposable {
  readonly fd: number;
  /** In bytes, when it was opened. */
  readonly size: number;
}

/**
 * Opens a name of a held directory, if it is a regular file; nothing else is ever opened.
 *
 * @throws system errors, such as `ENOENT` when it is gone meanwhile.
 */
export function openEntryFile(
  containment: Containment,
  directory: HeldDirectory,
  root: Root,
  name: string,
): EntryFile | undefined {
  const entry = containment.look(directory, name);
  try {
    const { stat } = entry;
    if (!stat.isFile()) return undefined;
    if (stat.dev !== root.directory.dev && isKernelView(containment, directory, name, entry)) return undefined;
    const fd = containment.open(directory, name, entry, constants.O_RDONLY);
    return { fd, size: Number(stat.size), [Symbol.dispose]: () => closeSync(fd) };
  } finally {
    if (entry.fd !== -1) closeSync(entry.fd);
  }
}
