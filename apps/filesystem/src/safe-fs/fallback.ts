import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { changeDirectory, workingDirectory } from "../environment.ts";
import type { Containment, Entry, HeldDirectory } from "./containment.ts";
import { refusal } from "./refusal.ts";

// Absent on Windows, where they would be `undefined`.
const O_DIRECTORY = constants.O_DIRECTORY ?? 0;
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;
const O_NOCTTY = constants.O_NOCTTY ?? 0;

/**
 * macOS, and Linux without `/proc`: the process enters the directory, checks that it is the one that was held, and
 * acts on the bare name. Nothing else runs in between, because all of it is synchronous on the main thread.
 */
export const pinnedContainment: Containment = createFallback("pinned", (directory, name, act) => {
  const before = workingDirectory();
  changeDirectory(directory.path);
  try {
    assertIdentity(statSync(".", { bigint: true }), directory);
    return act(name === "" ? "." : `./${name}`);
  } finally {
    changeDirectory(before);
  }
});

/**
 * Windows: acts through the path and checks the directory's identity and real path before and after. That narrows
 * the window for a swap; it does not close it.
 */
export const verifiedContainment: Containment = createFallback("verified", (directory, name, act) => {
  assertUnmoved(directory);
  const result = act(name === "" ? directory.path : join(directory.path, name));
  assertUnmoved(directory);
  return result;
});

function createFallback(kind: "pinned" | "verified", at: Containment["at"]): Containment {
  return {
    kind,
    at,
    here: (directory, act) => at(directory, "", act),

    // A process has one working directory: of two directories, the one that is written to is held by it.
    between: (from, to, act) =>
      at(to.parent, to.name, (toPath) => {
        if (isSame(from.parent, to.parent)) return act(`${toPath.slice(0, -to.name.length)}${from.name}`, toPath);
        assertUnmoved(from.parent);
        const result = act(join(from.parent.path, from.name), toPath);
        assertUnmoved(from.parent);
        return result;
      }),

    openRoot(path) {
      const fd = openSync(path, constants.O_RDONLY | O_DIRECTORY);
      const { dev, ino } = fstatSync(fd, { bigint: true });
      return { fd, dev, ino, path };
    },

    look(directory, name) {
      return at(directory, name, (path): Entry => {
        const stat = lstatSync(path, { bigint: true });
        if (!stat.isDirectory()) return { fd: -1, stat };
        return { fd: openSame(path, constants.O_RDONLY | O_DIRECTORY, stat), stat };
      });
    },

    open: (directory, name, entry, flags) => at(directory, name, (path) => openSame(path, flags, entry.stat)),
  };
}

function openSame(path: string, flags: number, expected: BigIntStats): number {
  const fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  try {
    assertIdentity(fstatSync(fd, { bigint: true }), expected);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function assertUnmoved(directory: HeldDirectory): void {
  const stat = lstatSync(directory.path, { bigint: true });
  assertIdentity(stat, directory);
  if (stat.isSymbolicLink() || realpathSync.native(directory.path) !== directory.path) throw changed();
}

type Identity = Pick<HeldDirectory, "dev" | "ino">;

function assertIdentity(stat: BigIntStats, expected: Identity): void {
  if (!isSame(stat, expected)) throw changed();
}

function isSame(left: Identity, right: Identity): boolean {
  return left.dev === right.dev && left.ino === right.ino;
}

function changed(): Error {
  return refusal("IO_ERROR", "A directory on the path was replaced during the call.", "Call again.");
}
