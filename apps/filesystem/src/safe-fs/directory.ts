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
const namesPerPiece = 1024;

/** Reads the names of one directory; `names` say where it is below its root. Small directories take no turn. */
export function listDirectory(
  containment: Containment,
  directory: HeldDirectory,
  root: Root,
  names: readonly string[],
): Listing {
  const collected = new Collection(root, names);
  for (const entry of containment.here(directory, (path) => readdirSync(path, { withFileTypes: true }))) {
    collected.add(entry);
  }
  return collected.listing();
}

/** As `listDirectory`, but gives other work a turn, and keeps less in memory, while a huge directory is read. */
export async function listLargeDirectory(
  containment: Containment,
  directory: HeldDirectory,
  root: Root,
  names: readonly string[],
  pacer: Pacer,
): Promise<Listing> {
  const collected = new Collection(root, names);
  // Opened once, so that its position in the directory no longer depends on a path.
  using open = disposable(containment.here(directory, (path) => opendirSync(path, { bufferSize: namesPerPiece })));
  let count = 0;
  for (let next = open.directory.readSync(); next; next = open.directory.readSync()) {
    collected.add(next);
    count += 1;
    if (count % namesPerPiece === 0 && pacer.due) await pacer.pause();
  }
  return collected.listing();
}

/** True when reading this directory at once could take longer than a turn should. */
export function isLargeDirectory(size: bigint): boolean {
  return size > largeDirectoryBytes;
}

/** Orders names by their bytes in UTF-8, which is the order of their code points. */
export function compareNames(left: string, right: string): number {
  if (!isWide(left) && !isWide(right)) return compareUnits(left, right);
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** UTF-16 order differs from code point order only where a surrogate meets a unit above the surrogates. */
function isWide(name: string): boolean {
  return /[\ud800-\uffff]/.test(name);
}

function compareUnits(left: string, right: string): number {
  return left < right ? -1 : left === right ? 0 : 1;
}

/** Gathers what may be seen of a directory. */
class Collection {
  readonly #root: Root;
  readonly #place: string;
  readonly #entries: NamedEntry[] = [];
  #hidden = 0;
  #hasWide = false;

  constructor(root: Root, names: readonly string[]) {
    this.#root = root;
    this.#place = root.positions.length > 0 ? names.join("/") : "";
  }

  add(entry: Dirent): void {
    const { name } = entry;
    if (isTemporaryName(name) && entry.isFile()) return;
    if (this.#root.positions.length > 0 && isHidden(this.#root, this.#place, name)) {
      this.#hidden += 1;
      return;
    }
    this.#hasWide ||= isWide(name);
    this.#entries.push({ name, type: typeOf(entry) });
  }

  listing(): Listing {
    const compare = this.#hasWide ? compareNames : compareUnits;
    this.#entries.sort((left, right) => compare(left.name, right.name));
    return { entries: this.#entries, hidden: this.#hidden };
  }
}

function disposable(directory: ReturnType<typeof opendirSync>): Disposable & { directory: typeof directory } {
  return { directory, [Symbol.dispose]: () => directory.closeSync() };
}
