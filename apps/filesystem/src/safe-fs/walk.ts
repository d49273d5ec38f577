import { closeSync, fstatSync, readdirSync, readlinkSync } from "node:fs";
import { platform } from "../environment.ts";
import type { Containment, Entry, HeldDirectory } from "./containment.ts";
import { Located, type Place, pathBelow } from "./located.ts";
import { denied, errnoOf, explained, notDirectory, notFound, outside, quoted, refusal } from "./refusal.ts";
import { enter, namesOf, startsWith } from "./root-lookup.ts";
import { isHidden, isPathHidden, isSameDirectory, type Root } from "./roots.ts";
import { isKernelView } from "./special-volumes.ts";

/**
 * What the caller is going to do, which decides about missing names and a link at the end.
 *
 * `existing`: act on what is there, through links. `link`: act on what is there, on a link itself.
 * `create`: the last name may be missing. `create-path`: any number of last names may be missing.
 * `create-link`, `create-link-path`: the same, but a link at the end is the thing that is in the way.
 */
export type Intent = "existing" | "link" | "create" | "create-path" | "create-link" | "create-link-path";

const maxLinks = 40;

/** A directory on the way, and where it is in terms of allowed directories. */
interface Frame {
  readonly directory: HeldDirectory;
  readonly root: Root;
  readonly names: readonly string[];
}

/**
 * Walks from an allowed directory to what `asked` names, one descriptor per name; no name is ever resolved by the
 * kernel across more than one step, and links are followed by reading them.
 *
 * @throws {FailureError} `ACCESS_DENIED`, `NOT_FOUND`, `NOT_DIRECTORY`, `INVALID_INPUT`, `NO_DIRECTORIES`, `IO_ERROR`.
 */
export function walk(containment: Containment, roots: readonly Root[], asked: string, intent: Intent): Located {
  const [root, names] = enter(roots, asked);
  if (isPathHidden(root, names)) throw denied(asked);
  const steps = new Walk(containment, roots, asked, intent, root);
  try {
    return steps.run(names);
  } catch (error) {
    throw explained(error, asked);
  } finally {
    steps.release();
  }
}

class Walk {
  readonly #containment: Containment;
  readonly #roots: readonly Root[];
  readonly #asked: string;
  readonly #intent: Intent;
  readonly #frames: Frame[];
  /** Names from the file system's root while a link leads outside; it may lead back in. */
  #outside: string[] | undefined;
  #pending: string[] = [];
  #links = 0;
  #kept: HeldDirectory | undefined;

  constructor(containment: Containment, roots: readonly Root[], asked: string, intent: Intent, root: Root) {
    this.#containment = containment;
    this.#roots = roots;
    this.#asked = asked;
    this.#intent = intent;
    this.#frames = [{ directory: root.directory, root, names: [] }];
  }

  run(names: readonly string[]): Located {
    this.#pending = names.toReversed();
    for (let name = this.#pending.pop(); name !== undefined; name = this.#pending.pop()) {
      const found = this.#step(name);
      if (found) return found;
    }
    if (this.#outside) throw outside(this.#asked);
    return this.#atDirectory();
  }

  /** Closes every directory that the result does not hold. */
  release(): void {
    for (const { directory, root } of this.#frames) {
      if (directory !== root.directory && directory !== this.#kept) closeSync(directory.fd);
    }
  }

  get #top(): Frame {
    const top = this.#frames.at(-1);
    if (!top) throw new Error("the walk lost its root");
    return top;
  }

  #step(name: string): Located | undefined {
    if (name === "" || name === ".") return undefined;
    if (this.#outside) return this.#stepOutside(this.#outside, name);
    if (name === "..") return this.#stepUp();
    const { directory, root, names } = this.#top;
    if (isHidden(root, names.join("/"), name)) throw denied(this.#asked);
    const [stored, entry] = this.#look(directory, name);
    if (!entry) return this.#atMissing(name);
    const isLast = this.#pending.length === 0;
    if (entry.stat.isSymbolicLink()) {
      if (isLast && this.#intent.includes("link")) return this.#atLeaf(stored, entry);
      this.#follow(directory, stored, entry);
      return undefined;
    }
    if (entry.stat.dev !== root.directory.dev && isKernelView(this.#containment, directory, stored, entry)) {
      this.#close(entry);
      throw outside(this.#asked);
    }
    if (entry.stat.isDirectory()) {
      this.#stepInto(stored, entry);
      return undefined;
    }
    if (!isLast) {
      this.#close(entry);
      throw notDirectory(this.#asked);
    }
    return this.#atLeaf(stored, entry);
  }

  #stepInto(name: string, { fd, stat }: Entry): void {
    const { directory, root, names } = this.#top;
    // Reached an allowed directory from another one: from here on its own access and rules hold.
    const own = this.#roots.find((other) => isSameDirectory(other.directory, stat));
    if (own) {
      closeSync(fd);
      this.#frames.push({ directory: own.directory, root: own, names: [] });
      return;
    }
    const held = { fd, dev: stat.dev, ino: stat.ino, path: pathBelow(directory.path, [name]) };
    this.#frames.push({ directory: held, root, names: [...names, name] });
  }

  #stepUp(): undefined {
    if (this.#frames.length > 1) {
      const left = this.#frames.pop();
      if (left && left.directory !== left.root.directory) closeSync(left.directory.fd);
    } else {
      this.#outside = namesOf(this.#top.root.path).slice(0, -1);
      this.#reenter(this.#outside);
    }
    return undefined;
  }

  #stepOutside(at: string[], name: string): undefined {
    if (name === "..") at.pop();
    else at.push(name);
    this.#reenter(at);
    return undefined;
  }

  /** Comes back in when the names of a link's target spell an allowed directory; nothing outside is touched. */
  #reenter(at: readonly string[]): void {
    const root = this.#roots.find(({ spellings }) =>
      spellings.some((spelling) => spelling.length === at.length && startsWith(at, spelling)),
    );
    if (!root) return;
    this.release();
    this.#frames.splice(0, this.#frames.length, { directory: root.directory, root, names: [] });
    this.#outside = undefined;
  }

  #follow(directory: HeldDirectory, name: string, entry: Entry): void {
    this.#close(entry);
    this.#links += 1;
    if (this.#links > maxLinks) {
      throw refusal(
        "INVALID_INPUT",
        "The path leads through a loop of links, or through more than 40.",
        "Use the path of the link's target.",
      );
    }
    const target = readLink(this.#containment, directory, name);
    const windows = platform === "win32";
    const parts = target.split(windows ? /[\\/]/ : "/");
    this.#pending.push(...parts.toReversed());
    if (windows ? /^(?:[A-Za-z]:)?[\\/]/.test(target) : target.startsWith("/")) {
      this.#outside = [];
      this.#reenter(this.#outside);
    }
  }

  /** Looks at a name; where it does not exist, at the single sibling that differs only in how it is encoded. */
  #look(directory: HeldDirectory, name: string): [string, Entry | undefined] {
    const entry = this.#lookExactly(directory, name);
    const creates = this.#intent.includes("path") || (this.#intent.includes("create") && this.#pending.length === 0);
    if (entry || creates || !/[^\u0021-\u007e]/.test(name)) return [name, entry];
    const sibling = this.#siblingOf(directory, name);
    return sibling === undefined ? [name, undefined] : [sibling, this.#lookExactly(directory, sibling)];
  }

  #lookExactly(directory: HeldDirectory, name: string): Entry | undefined {
    try {
      return this.#containment.look(directory, name);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  #siblingOf(directory: HeldDirectory, name: string): string | undefined {
    const wanted = comparable(name);
    const names = this.#containment.here(directory, (path) => readdirSync(path));
    const matches = names.filter((candidate) => comparable(candidate) === wanted);
    const [match] = matches;
    if (match === undefined || matches.length > 1) return undefined;
    const { root, names: parents } = this.#top;
    if (isHidden(root, parents.join("/"), match)) throw denied(this.#asked);
    return match;
  }

  #atMissing(name: string): Located {
    const below = this.#pending.toReversed().filter((part) => part !== "" && part !== ".");
    if (!this.#intent.includes("create") || below.includes("..")) throw notFound(this.#asked);
    if (below.length > 0 && !this.#intent.includes("path")) throw missingParent(this.#asked);
    const { root, names } = this.#top;
    if (isPathHidden(root, [...names, name, ...below])) throw denied(this.#asked);
    return this.#keep({ name, entry: undefined, missingBelow: below });
  }

  #atLeaf(name: string, entry: Entry): Located {
    return this.#keep({ name, entry, missingBelow: [] });
  }

  #keep(leaf: Pick<Place, "name" | "entry" | "missingBelow">): Located {
    const { directory, root, names } = this.#top;
    this.#kept = directory;
    const ancestors = this.#frames.map(({ directory: { dev, ino } }) => ({ dev, ino }));
    return new Located({ ...leaf, asked: this.#asked, root, parentNames: names, parent: directory, ancestors });
  }

  /** The path ended at a directory that was stepped into: the frame below it holds its parent. */
  #atDirectory(): Located {
    const { directory, names } = this.#top;
    const stat = fstatSync(directory.fd, { bigint: true });
    const name = names.at(-1);
    if (name === undefined) {
      return this.#keep({ name: "", entry: { fd: directory.fd, stat }, missingBelow: [] });
    }
    this.#frames.pop();
    return this.#atLeaf(name, { fd: directory.fd, stat });
  }

  #close({ fd }: Entry): void {
    if (fd !== -1) closeSync(fd);
  }
}

/** Equal for two names that look the same: composed or decomposed, whatever kind of space. */
function comparable(name: string): string {
  return name.normalize("NFC").replace(/\p{Zs}/gu, " ");
}

function readLink(containment: Containment, directory: HeldDirectory, name: string): string {
  try {
    return containment.at(directory, name, (path) => readlinkSync(path));
  } catch (error) {
    if (errnoOf(error) !== "EINVAL") throw error;
    throw refusal("IO_ERROR", "A link on the path was replaced during the call.", "Call again.");
  }
}

function missingParent(asked: string): Error {
  return refusal(
    "NOT_FOUND",
    `The parent directory of ${quoted(asked)} does not exist.`,
    "Call create_directory first, or set createParents to true where the tool has it.",
  );
}
