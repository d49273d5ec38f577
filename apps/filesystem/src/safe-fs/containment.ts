import { type BigIntStats, existsSync } from "node:fs";
import { platform } from "../environment.ts";
import { descriptorContainment } from "./descriptor.ts";
import { pinnedContainment, verifiedContainment } from "./fallback.ts";

/** How strongly a path is tied to what was checked; `descriptor` alone leaves no gap. */
export type ContainmentKind = "descriptor" | "pinned" | "verified";

/** A directory held open: which one it is no longer depends on any path. */
export interface HeldDirectory {
  /** Descriptor; closing it is the owner's duty. */
  readonly fd: number;
  readonly dev: bigint;
  readonly ino: bigint;
  /** Where it was when it was opened; the weaker containments act through it. */
  readonly path: string;
}

/** One directory entry, looked at without following it. */
export interface Entry {
  /** Descriptor of exactly this inode that cannot read or write; -1 where the system has no such thing. */
  readonly fd: number;
  readonly stat: BigIntStats;
}

/** A name in a held directory. */
export interface NamePlace {
  readonly parent: HeldDirectory;
  readonly name: string;
}

/** The system calls of the walk, each tied to a held directory instead of a path. */
export interface Containment {
  readonly kind: ContainmentKind;
  /** Opens a directory by its real path; used for allowed directories only. */
  openRoot(path: string): HeldDirectory;
  /** Looks at `name` without following it. A directory's descriptor serves as a `HeldDirectory`. */
  look(directory: HeldDirectory, name: string): Entry;
  /** Opens the regular file that `entry` was, never another one that took its name. */
  open(directory: HeldDirectory, name: string, entry: Entry, flags: number): number;
  /** Runs `act`, which must be synchronous and must not follow links, with a path for `name` in this directory. */
  at<Result>(directory: HeldDirectory, name: string, act: (path: string) => Result): Result;
  /** As `at`, for two names, of which the second is the one that is about to be made. */
  between<Result>(from: NamePlace, to: NamePlace, act: (from: string, to: string) => Result): Result;
  /** Runs `act` with a path for the directory itself. */
  here<Result>(directory: HeldDirectory, act: (path: string) => Result): Result;
}

/**
 * Chooses the strongest containment this system has.
 *
 * @param procFd False leaves `/proc` unused, as on systems without it; for tests.
 */
export function createContainment(procFd = true): Containment {
  if (procFd && platform === "linux" && existsSync("/proc/self/fd")) return descriptorContainment;
  return platform === "win32" ? verifiedContainment : pinnedContainment;
}
