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

/** What entries are sorted by. */
export type SizedOrder = "name" | "size" | "mtime";

/**
 * The entries of a directory with their sizes, in columns: an object for each entry of a huge directory, made while the
 * system's own answers fill the young generation, is what would let the heap grow.
 */
export class SizedEntries {
  readonly #entries: readonly NamedEntry[];
  /** Bytes by position in `#entries`; NaN for an entry that is gone. */
  readonly #sizes: Float64Array;
  /** NaN where the system does not tell. */
  readonly #mtimes: Float64Array;

  /** @param entries In byte order of their names. */
  private constructor(entries: readonly NamedEntry[]) {
    this.#entries = entries;
    this.#sizes = new Float64Array(entries.length).fill(Number.NaN);
    this.#mtimes = new Float64Array(entries.length).fill(Number.NaN);
  }

  /** Looks at each entry, not through links; entries that are gone by now are left out. */
  static async of(
    containment: Containment,
    directory: HeldDirectory,
    entries: readonly NamedEntry[],
    pacer: Pacer,
  ): Promise<SizedEntries> {
    const sized = new SizedEntries(entries);
    for (const [position, { name }] of entries.entries()) {
      sized.#look(containment, directory, position, name);
      if (pacer.due) await pacer.pause();
    }
    return sized;
  }

  /** The entries that are still there: by name, or the largest or newest first and then by name. */
  *inOrder(order: SizedOrder): Generator<SizedEntry> {
    const positions = this.#present();
    const column = order === "size" ? this.#sizes : this.#mtimes;
    const valueAt = (position: number): number => column[position] || 0;
    // Entries stand in the order of their names, so that positions decide between equals.
    if (order !== "name") positions.sort((left, right) => valueAt(right) - valueAt(left) || left - right);
    for (const position of positions) {
      const entry = this.#entries[position];
      if (entry) yield this.#sizedEntry(entry, position);
    }
  }

  /** Number of entries that are no directories, of directories, and the bytes of the former. */
  summary(): { readonly files: number; readonly directories: number; readonly bytes: number } {
    const sum = { files: 0, directories: 0, bytes: 0 };
    for (const position of this.#present()) {
      if (this.#entries[position]?.type === "directory") {
        sum.directories += 1;
        continue;
      }
      sum.files += 1;
      sum.bytes += this.#sizes[position] ?? 0;
    }
    return sum;
  }

  #present(): Uint32Array {
    return Uint32Array.from(this.#entries.keys()).filter((position) => !Number.isNaN(this.#sizes[position]));
  }

  #sizedEntry({ name, type }: NamedEntry, position: number): SizedEntry {
    const size = this.#sizes[position] ?? 0;
    const mtime = this.#mtimes[position] ?? Number.NaN;
    return { name, type, size, ...(!Number.isNaN(mtime) && { mtime }) };
  }

  #look(containment: Containment, directory: HeldDirectory, position: number, name: string): void {
    try {
      const { size, mtimeMs } = containment.at(directory, name, lstatOf);
      this.#sizes[position] = size;
      this.#mtimes[position] = Math.floor(mtimeMs);
    } catch (error) {
      // Gone, or a directory that may be read but not entered: that is still worth listing.
      if (errnoOf(error) === undefined) throw error;
      if (errnoOf(error) !== "ENOENT") this.#sizes[position] = 0;
    }
  }
}

function lstatOf(path: string): Stats {
  return lstatSync(path);
}
