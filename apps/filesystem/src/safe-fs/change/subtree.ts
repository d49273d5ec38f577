import { closeSync, readdirSync } from "node:fs";
import type { Pacer } from "../../text/pacer.ts";
import type { Containment, HeldDirectory } from "../containment.ts";
import { type Located, pathBelow } from "../located.ts";
import { explained, quoted, refusal } from "../refusal.ts";
import { isHidden, isSameDirectory, type Root } from "../roots.ts";
import type { Scope } from "../scope.ts";
import { maxTreeDepth } from "../tree.ts";

/** A name as the volume stores it; every one counts here, also those that lists leave out. */
export interface StoredName {
  readonly name: string;
  /** The bytes, where they are no valid UTF-8, so that `name` does not say what they are. */
  readonly raw: Buffer | undefined;
  readonly type: "directory" | "symlink" | "file" | "other";
}

/** A directory that the walk is in. */
export interface StoredDirectory {
  readonly held: HeldDirectory;
  /** Names from where the walk began. */
  readonly names: readonly string[];
  /** The deepest allowed directory it is in; its rules hold here. */
  readonly root: Root;
  /** Names from that root. */
  readonly place: readonly string[];
}

/** The directories a walk knows, whoever may use them, and how it acts on names. */
export type SubtreeScope = Pick<Scope, "containment" | "roots">;

/** What a walk through everything stored below a directory does. */
export interface SubtreeVisitor {
  /**
   * Called for each entry, a directory before what it holds.
   *
   * @returns False keeps the walk out of a directory.
   */
  entry(entry: StoredName, parent: StoredDirectory): boolean | Promise<boolean>;
  /**
   * Called for each directory that the walk goes into, except for the one where it began.
   *
   * @returns False keeps the walk out of it after all; then `leave` is not called for it.
   */
  enter?(directory: StoredDirectory): boolean;
  /** Called for each directory after what it holds, except for the one where the walk began. */
  leave?(name: string, parent: StoredDirectory): void;
  /** Told about a directory that cannot be entered; without it, such a directory ends the walk. */
  failed?(names: readonly string[], error: unknown): void;
}

interface Level extends StoredDirectory {
  readonly name: string;
  readonly entries: StoredName[];
}

/**
 * Walks everything stored below a located directory; links are not entered.
 *
 * @throws {FailureError} `TOO_LARGE` below `maxTreeDepth`, and what a directory that cannot be read gives.
 */
export async function walkSubtree(
  { containment, roots }: SubtreeScope,
  start: Located,
  visitor: SubtreeVisitor,
  pacer: Pacer,
): Promise<void> {
  const levels: Level[] = [];
  try {
    const { directory: held, root, names: place } = start;
    levels.push({ held, name: "", names: [], root, place, entries: storedNames(containment, held) });
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      if (pacer.due) await pacer.pause();
      const entry = level.entries.pop();
      if (!entry) {
        levels.pop();
        const parent = levels.at(-1);
        if (!parent) break;
        closeSync(level.held.fd);
        visitor.leave?.(level.name, parent);
        continue;
      }
      const verdict = visitor.entry(entry, level);
      const enters = typeof verdict === "boolean" ? verdict : await verdict;
      if (!enters || entry.type !== "directory") continue;
      try {
        if (levels.length > maxTreeDepth) throw tooDeep(start.asked);
        const below = enterLevel(containment, roots, level, entry);
        if (visitor.enter?.(below) ?? true) levels.push(below);
        else closeSync(below.held.fd);
      } catch (error) {
        if (!visitor.failed) throw error;
        visitor.failed([...level.names, entry.name], error);
      }
    }
  } catch (error) {
    throw explained(error, start.asked);
  } finally {
    for (const { held } of levels.slice(1)) closeSync(held.fd);
  }
}

/** How much is below a directory. */
export interface SubtreeCount {
  files: number;
  directories: number;
}

/**
 * Counts what is below a located directory before all of it is removed or gets other paths.
 *
 * @param target Where all of it is going to be.
 * @throws {FailureError} `ACCESS_DENIED` when something is there that must stay: an entry that `--deny` hides, or an
 *   allowed directory with an access of its own.
 */
export async function countSubtree(
  scope: SubtreeScope,
  start: Located,
  pacer: Pacer,
  target?: Located,
): Promise<SubtreeCount> {
  const count: SubtreeCount = { files: 0, directories: 0 };
  const { asked } = start;
  const entry: SubtreeVisitor["entry"] = ({ name, type }, parent) => {
    if (isHidden(parent.root, parent.place.join("/"), name)) throw holdsProtected(asked);
    if (target && isHidden(target.root, [...target.names, ...parent.names].join("/"), name))
      throw holdsProtected(asked);
    if (type === "directory") count.directories += 1;
    else count.files += 1;
    return true;
  };
  const enter = ({ place }: StoredDirectory): true => {
    if (place.length === 0) throw holdsProtected(asked);
    return true;
  };
  await walkSubtree(scope, start, { entry, enter }, pacer);
  return count;
}

/** Refuses to remove or move an allowed directory itself. */
export function assertNotRoot({ name, entry, asked }: Located, roots: readonly Root[]): void {
  const isRoot = name === "" || roots.some(({ directory }) => entry && isSameDirectory(directory, entry.stat));
  if (!isRoot) return;
  throw refusal(
    "ACCESS_DENIED",
    `Access denied - ${quoted(asked)} is an allowed directory itself.`,
    "Use the path of something inside it.",
  );
}

function holdsProtected(path: string): Error {
  return refusal(
    "ACCESS_DENIED",
    `Access denied - a rule of this server protects something inside ${quoted(path)}.`,
    "Use the paths of entries inside it.",
  );
}

function storedNames(containment: Containment, held: HeldDirectory): StoredName[] {
  const found = containment.here(held, (path) => readdirSync(path, { withFileTypes: true, encoding: "buffer" }));
  return found.map((entry) => {
    const name = entry.name.toString("utf8");
    const raw = name.includes("\ufffd") && !Buffer.from(name).equals(entry.name) ? entry.name : undefined;
    const type = entry.isDirectory()
      ? "directory"
      : entry.isSymbolicLink()
        ? "symlink"
        : entry.isFile()
          ? "file"
          : "other";
    return { name, raw, type };
  });
}

function enterLevel(containment: Containment, roots: readonly Root[], above: Level, entry: StoredName): Level {
  const held = holdDirectory(containment, above.held, entry);
  try {
    const own = roots.find(({ directory }) => isSameDirectory(directory, held));
    const names = [...above.names, entry.name];
    const place = own ? [] : [...above.place, entry.name];
    return { held, name: entry.name, names, root: own ?? above.root, place, entries: storedNames(containment, held) };
  } catch (error) {
    closeSync(held.fd);
    throw error;
  }
}

function holdDirectory(containment: Containment, parent: HeldDirectory, { name, raw }: StoredName): HeldDirectory {
  if (raw) throw refusal("IO_ERROR", "A directory has a name that is not valid UTF-8.", "Rename it by other means.");
  const { fd, stat } = containment.look(parent, name);
  if (stat.isDirectory()) return { fd, dev: stat.dev, ino: stat.ino, path: pathBelow(parent.path, [name]) };
  if (fd !== -1) closeSync(fd);
  throw refusal("IO_ERROR", "A directory was replaced during the call.", "Call again.");
}

function tooDeep(path: string): Error {
  return refusal(
    "TOO_LARGE",
    `${quoted(path)} holds directories nested deeper than ${maxTreeDepth}.`,
    "Use the paths of directories inside it first.",
  );
}
