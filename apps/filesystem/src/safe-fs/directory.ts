import { type Dirent, opendirSync, readdirSync } from "node:fs";
import type { Pacer } from "../text/pacer.ts";
import type { Containment, HeldDirectory } from "./containment.ts";
import { type EntryType, typeOf } from "./located.ts";
import { isHidden, type Root } from "./roots.ts";
import { isTemporaryName } from "./temporary-name.ts";

/** One name in a directory. */
export interface NamedEntry {
  readonly name: string;
  readonly type: EntryType;
}

/** The visible names of a directory. */
export interface Listing {
  /** In byte order of the names. */
  readonly entries: NamedEntry[];
  /** How many entries `--deny` keeps out. */
  readonly hidden: number;
}

/** Above this size of the directory itself, its names are read in pieces so that other calls are not held up. */
const largeDirectoryBytes = 512 * 1024;
const namesPerPiece = 2048;

/** Reads the names of one directory; `names` say where it is below its root. Small directories take no turn. */
export function listDirectory(
  containment: Containment,
  directory: HeldDirectory,
  root: Root,
  names: readonly string[],
): Listing {
  const found = containment.here(directory, (path) => readdirSync(path, { withFileTypes: true }));
  return visible(found, root, names);
}

/** As `listDirectory`, but gives other work a turn while a huge directory is read. */
export async function listLargeDirectory(
  containment: Containment,
  directory: HeldDirectory,
  root: Root,
  names: readonly string[],
  pacer: Pacer,
): Promise<Listing> {
  const found: Dirent[] = [];
  // Opened once, so that its position in the directory no longer depends on a path.
  using open = disposable(containment.here(directory, (path) => opendirSync(path, { bufferSize: namesPerPiece })));
  for (let next = open.directory.readSync(); next; next = open.directory.readSync()) {
    found.push(next);
    if (found.length % namesPerPiece === 0 && pacer.due) await pacer.pause();
  }
  return visible(found, root, names);
}

/** True when reading this directory at once could take longer than a turn should. */
export function isLargeDirectory(size: bigint): boolean {
  return size > largeDirectoryBytes;
}

/** Orders names by their bytes in UTF-8, which is the order of their code points. */
export function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  // UTF-16 order differs from code point order only where a surrogate meets a unit above the surrogates.
  if (!/[\ud800-\uffff]/.test(left) && !/[\ud800-\uffff]/.test(right)) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function visible(found: readonly Dirent[], root: Root, names: readonly string[]): Listing {
  const parent = names.join("/");
  const entries: NamedEntry[] = [];
  let hidden = 0;
  for (const entry of found) {
    if (isTemporaryName(entry.name) && entry.isFile()) continue;
    if (root.positions.length > 0 && isHidden(root, parent, entry.name)) hidden += 1;
    else entries.push({ name: entry.name, type: typeOf(entry) });
  }
  entries.sort((left, right) => compareNames(left.name, right.name));
  return { entries, hidden };
}

function disposable(directory: ReturnType<typeof opendirSync>): Disposable & { directory: typeof directory } {
  return { directory, [Symbol.dispose]: () => directory.closeSync() };
}
