import { type BigIntStats, statfsSync } from "node:fs";
import type { Containment, HeldDirectory } from "./containment.ts";
import type { NamedEntry } from "./directory.ts";

/** `statfs(2)` types of volumes that note every change of a directory in its times, by this machine's clock. */
const exactVolumes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0xf2f52010, // f2fs
  0x2fc12fc1, // zfs
  0x01021994, // tmpfs
  0x794c7630, // overlay
]);

/** Times are exact to a few milliseconds only: what changed just now may change again without showing it. */
const settledMs = 1000;
const maxNames = 100_000;

interface Kept {
  readonly dev: bigint;
  readonly ctimeNs: bigint;
  readonly entries: readonly NamedEntry[];
}

/**
 * Remembers the names in directories for as long as these do not change: reading them again is most of the cost of
 * going through a tree a second time. What is handed out was read from a directory of the same inode whose time of
 * last change, which no program can set, is still the same.
 */
export class ListingCache {
  readonly #kept = new Map<bigint, Kept>();
  readonly #now: () => number;
  #names = 0;

  /** @param now The time in milliseconds; for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The names of a held directory, if they were read before and are still true. */
  get({ dev, ino, ctimeNs }: BigIntStats): readonly NamedEntry[] | undefined {
    const kept = this.#kept.get(ino);
    return kept?.ctimeNs === ctimeNs && kept.dev === dev ? kept.entries : undefined;
  }

  /**
   * Keeps names that were read after `stat` was taken.
   *
   * @param entries Not to be changed afterwards.
   */
  put(containment: Containment, held: HeldDirectory, stat: BigIntStats, entries: readonly NamedEntry[]): void {
    const { dev, ino, ctimeNs, ctimeMs } = stat;
    if (this.#now() - Number(ctimeMs) < settledMs || !isExact(containment, held)) return;
    this.#forget(ino);
    this.#kept.set(ino, { dev, ctimeNs, entries });
    this.#names += entries.length + 1;
    for (const oldest of this.#kept.keys()) {
      if (this.#names <= maxNames) break;
      this.#forget(oldest);
    }
  }

  #forget(ino: bigint): void {
    const kept = this.#kept.get(ino);
    if (!kept) return;
    this.#kept.delete(ino);
    this.#names -= kept.entries.length + 1;
  }
}

/** Asked of each directory, because device numbers are given anew to other volumes. */
function isExact(containment: Containment, held: HeldDirectory): boolean {
  // Only descriptors name the directory that was looked at, whatever has its path by now.
  if (containment.kind !== "descriptor") return false;
  return exactVolumes.has(containment.here(held, (path) => statfsSync(path).type));
}
