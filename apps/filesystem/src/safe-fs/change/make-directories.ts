import { closeSync, mkdirSync } from "node:fs";
import type { Containment, HeldDirectory } from "../containment.ts";
import { type Located, pathBelow } from "../located.ts";
import { errnoOf, explained, notDirectory, readOnly, refusal } from "../refusal.ts";
import { flushDirectory } from "./write-bytes.ts";

/**
 * Creates the missing names of a located path as directories, one by one, each in the descriptor of the one before.
 *
 * @param located Walked with an intent that lets names be missing.
 * @param leaveLast True when the last name is for something else.
 * @returns Absolute paths of what was created.
 */
export async function makeDirectories(
  containment: Containment,
  located: Located,
  leaveLast: boolean,
): Promise<string[]> {
  const { asked, root, parent, parentNames, entry, name, missingBelow } = located;
  if (entry) return [];
  const names = [name, ...missingBelow].slice(0, leaveLast ? -1 : undefined);
  if (names.length > 0 && root.access === "ro") throw readOnly(asked);
  const created: string[] = [];
  let held = parent;
  try {
    for (const [index, missing] of names.entries()) {
      const path = pathBelow(root.path, [...parentNames, ...names.slice(0, index + 1)]);
      if (makeDirectory(containment, held, missing)) created.push(path);
      await flushDirectory(containment, held);
      const next = hold(containment, held, missing, path, asked);
      if (held !== parent) closeSync(held.fd);
      held = next;
    }
    return created;
  } catch (error) {
    throw explained(error, asked);
  } finally {
    if (held !== parent) closeSync(held.fd);
  }
}

/** False when it exists by now. */
export function makeDirectory(containment: Containment, parent: HeldDirectory, name: string, mode = 0o777): boolean {
  try {
    containment.at(parent, name, (path) => mkdirSync(path, { mode }));
    return true;
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    return false;
  }
}

function hold(
  containment: Containment,
  parent: HeldDirectory,
  name: string,
  path: string,
  asked: string,
): HeldDirectory {
  const { fd, stat } = containment.look(parent, name);
  if (stat.isDirectory()) return { fd, dev: stat.dev, ino: stat.ino, path };
  if (fd !== -1) closeSync(fd);
  // Another program took the name between two system calls.
  throw stat.isSymbolicLink()
    ? refusal("IO_ERROR", "A directory on the path was replaced during the call.", "Call again.")
    : notDirectory(asked);
}
