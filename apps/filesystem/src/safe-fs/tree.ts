import { type BigIntStats, closeSync } from "node:fs";
import type { Pacer } from "../text/pacer.ts";
import type { Containment, Entry, HeldDirectory } from "./containment.ts";
import { isLargeDirectory, listDirectory, listLargeDirectory, type NamedEntry } from "./directory.ts";
import { ListingCache } from "./listing-cache.ts";
import type { EntryType, Located } from "./located.ts";
import { pathBelow } from "./located.ts";
import { codeOf, errnoOf } from "./refusal.ts";
import { isSameDirectory, type Root } from "./roots.ts";
import type { Scope } from "./scope.ts";
import { isKernelView } from "./special-volumes.ts";

/** Deepest level a tree walk enters; deeper directories are reported, not entered. */
export const maxTreeDepth = 256;

/** The visible names of a directory; shared between walks, so not to be changed. */
export interface TreeListing {
  /** In byte order of the names. */
  readonly entries: readonly NamedEntry[];
  /** How many entries `--deny` keeps out. */
  readonly hidden: number;
}

/** A directory that the walk has entered; valid until the walk leaves it. */
export interface TreeDirectory {
  readonly held: HeldDirectory;
  readonly root: Root;
  /** Names from the root, as stored. */
  readonly names: readonly string[];
  /** Relative to where the walk began, names joined by `/`; `""` there. */
  readonly path: string;
  /** 0 where the walk began. */
  readonly depth: number;
  readonly listing: TreeListing;
}

/** How a walk goes on after an entry. */
export type Verdict = "enter" | "stop" | undefined;

/** What a walk is told to do with what it meets. */
export interface TreeVisitor {
  /** Called on entering a directory, before its entries. */
  enter?(directory: TreeDirectory): void | Promise<void>;
  /**
   * Called for each visible entry in byte order of names, a directory before what it holds.
   *
   * @returns `"enter"` to go into a directory, `"stop"` to end the whole walk; anything else goes on. A promise is
   *   waited for, so return one only where there is something to wait for.
   */
  entry(name: string, type: EntryType, directory: TreeDirectory): Verdict | Promise<Verdict>;
  /** Called when everything below a directory was visited. */
  leave?(directory: TreeDirectory): void;
  /** Called for a directory that could not be entered, or is deeper than the walk goes (`TOO_LARGE`). */
  failed?(path: string, code: string): void;
}

const listings = new ListingCache();

/** So many entries are visited between two looks at the clock. */
const entriesPerLook = 64;

interface Level {
  readonly directory: TreeDirectory;
  next: number;
}

/**
 * Walks everything below a located directory, each directory through its parent's descriptor. Links are never
 * entered. Holds one descriptor per level and gives other work a turn as `pacer` demands.
 *
 * @param keepGoing Asked now and then; false ends the walk.
 * @returns False when the walk was ended early.
 */
export async function walkTree(
  scope: Scope,
  start: Located,
  visitor: TreeVisitor,
  pacer: Pacer,
  keepGoing: () => boolean = () => true,
): Promise<boolean> {
  const { directory: held, root, names } = start;
  const levels: Level[] = [];
  try {
    const listing = await scope.list(start, pacer);
    const first: TreeDirectory = { held, root, names, path: "", depth: 0, listing };
    await visitor.enter?.(first);
    levels.push({ directory: first, next: 0 });
    let entries = 0;
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const { directory } = level;
      const entry = directory.listing.entries[level.next];
      if (!entry) {
        visitor.leave?.(directory);
        levels.pop();
        if (directory !== first) release(directory);
        continue;
      }
      level.next += 1;
      const answer = visitor.entry(entry.name, entry.type, directory);
      const verdict = answer instanceof Promise ? await answer : answer;
      if (verdict === "stop") return false;
      const isEntered = verdict === "enter" && entry.type === "directory";
      entries += 1;
      // An entry alone costs less than looking at the clock.
      if ((isEntered || entries % entriesPerLook === 0) && pacer.due) {
        await pacer.pause();
        if (!keepGoing()) return false;
      }
      if (!isEntered) continue;
      const entering = enter(scope, directory, entry.name, visitor, pacer);
      const below = entering instanceof Promise ? await entering : entering;
      if (!below) continue;
      levels.push({ directory: below, next: 0 });
      const entered = visitor.enter?.(below);
      if (entered instanceof Promise) await entered;
    }
    return true;
  } finally {
    for (const { directory } of levels.slice(1)) release(directory);
  }
}

/** A path below the start of a walk. */
export function joinPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

function release({ held, root }: TreeDirectory): void {
  if (held !== root.directory) closeSync(held.fd);
}

/** Opens and lists a directory; waits only where that takes long, because most directories are small and many. */
function enter(
  scope: Scope,
  parent: TreeDirectory,
  name: string,
  visitor: TreeVisitor,
  pacer: Pacer,
): TreeDirectory | undefined | Promise<TreeDirectory | undefined> {
  const path = joinPath(parent.path, name);
  const depth = parent.depth + 1;
  if (depth > maxTreeDepth) {
    visitor.failed?.(path, "TOO_LARGE");
    return undefined;
  }
  let place: PlaceBelow | undefined;
  try {
    const { containment } = scope;
    const entry = containment.look(parent.held, name);
    place = placeBelow(scope, parent, name, entry);
    if (!place) {
      visitor.failed?.(path, "ACCESS_DENIED");
      return undefined;
    }
    if (isLargeDirectory(entry.stat.size)) return listLarge(scope, { ...place, path, depth }, visitor, pacer);
    return { ...place, path, depth, listing: listSmall(containment, place, entry.stat) };
  } catch (error) {
    if (place) closeIfOwn(scope, place.held);
    visitor.failed?.(path, codeOf(error, path));
    return undefined;
  }
}

function listSmall(containment: Containment, { held, root, names }: PlaceBelow, stat: BigIntStats): TreeListing {
  // Which names a rule hides depends on where the directory is, and it may have moved.
  if (root.positions.length > 0) return listDirectory(containment, held, root, names);
  const known = listings.get(stat);
  if (known) return { entries: known, hidden: 0 };
  const listing = listDirectory(containment, held, root, names);
  listings.put(containment, held, stat, listing.entries);
  return listing;
}

async function listLarge(
  scope: Scope,
  place: Omit<TreeDirectory, "listing">,
  visitor: TreeVisitor,
  pacer: Pacer,
): Promise<TreeDirectory | undefined> {
  const { held, root, names, path } = place;
  try {
    return { ...place, listing: await listLargeDirectory(scope.containment, held, root, names, pacer) };
  } catch (error) {
    closeIfOwn(scope, held);
    if (errnoOf(error) === undefined) throw error;
    visitor.failed?.(path, codeOf(error, path));
    return undefined;
  }
}

interface PlaceBelow {
  readonly held: HeldDirectory;
  readonly root: Root;
  readonly names: readonly string[];
}

/** Holds a directory that was just looked at; `undefined`, and closed, when it must not be entered after all. */
function placeBelow(scope: Scope, parent: TreeDirectory, name: string, entry: Entry): PlaceBelow | undefined {
  const { fd, stat } = entry;
  const close = (): void => {
    if (fd !== -1) closeSync(fd);
  };
  // Listed as a directory a moment ago: what took its name since is not entered.
  if (!stat.isDirectory()) {
    close();
    return undefined;
  }
  if (stat.dev !== parent.root.directory.dev && isKernelView(scope.containment, parent.held, name, entry)) {
    close();
    return undefined;
  }
  const own = scope.roots.find(({ directory }) => isSameDirectory(directory, stat));
  if (own) {
    close();
    return { held: own.directory, root: own, names: [] };
  }
  const held = { fd, dev: stat.dev, ino: stat.ino, path: pathBelow(parent.held.path, [name]) };
  return { held, root: parent.root, names: [...parent.names, name] };
}

function closeIfOwn(scope: Scope, held: HeldDirectory): void {
  if (!scope.roots.some(({ directory }) => directory === held)) closeSync(held.fd);
}
