import { sep } from "node:path";
import { platform } from "../environment.ts";
import { parsePath } from "./path-input.ts";
import { outside, refusal } from "./refusal.ts";
import { isPathHidden, type Root } from "./roots.ts";

/** The root a requested path starts from, and the names below it. */
export function enter(roots: readonly Root[], asked: string): [Root, readonly string[]] {
  const first = requireRoot(roots);
  const { absolute, segments } = parsePath(asked);
  if (!absolute) return [first, segments];
  const entered = deepest(roots, segments);
  if (!entered) throw outside(asked);
  return entered;
}

/** The deepest root whose spelling begins an absolute path, and the names below it. */
function deepest(roots: readonly Root[], segments: readonly string[]): [Root, readonly string[]] | undefined {
  let best: [Root, number] | undefined;
  for (const root of roots) {
    for (const spelling of root.spellings) {
      if (spelling.length >= (best?.[1] ?? 0) && startsWith(segments, spelling)) best = [root, spelling.length];
    }
  }
  return best && [best[0], segments.slice(best[1])];
}

/** True when an absolute path without `..` spells a place in a root that no rule hides; the disk is not asked. */
export function isSpelledInside(roots: readonly Root[], path: string): boolean {
  const entered = deepest(roots, namesOf(path));
  return entered !== undefined && !isPathHidden(...entered);
}

/**
 * The first allowed directory, where relative paths start.
 *
 * @throws {FailureError} `NO_DIRECTORIES`.
 */
export function requireRoot(roots: readonly Root[]): Root {
  const [first] = roots;
  if (first) return first;
  throw refusal(
    "NO_DIRECTORIES",
    "This server has no allowed directory.",
    "Start it with a directory argument, or use a client that provides roots.",
  );
}

/** True when a path, as names, begins with those of another. */
export function startsWith(names: readonly string[], prefix: readonly string[]): boolean {
  if (names.length < prefix.length) return false;
  return prefix.every((name, index) => isSameName(name, names[index] ?? ""));
}

function isSameName(left: string, right: string): boolean {
  return left === right || (platform === "win32" && left.toLowerCase() === right.toLowerCase());
}

/** The names of an absolute path. */
export function namesOf(path: string): string[] {
  return path.split(sep).filter((name) => name !== "");
}
