import { closeSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { platform, workingDirectory } from "../environment.ts";
import type { Containment, HeldDirectory } from "./containment.ts";
import { compileDenyRules, type DenyRules } from "./deny-rules.ts";
import type { Located } from "./located.ts";
import { expandHome } from "./path-input.ts";

/** What may be done below an allowed directory. */
export type RootAccess = "ro" | "rw";

/** A directory as the operator wrote it. */
export interface RootArgument {
  readonly path: string;
  readonly access: RootAccess;
}

/** An allowed directory: a descriptor that was opened once, and what is known about it. */
export interface Root {
  readonly directory: HeldDirectory;
  /** Real path when it was opened. */
  readonly path: string;
  /** Ways to spell it in an absolute path, each as names from the file system's root. */
  readonly spellings: readonly (readonly string[])[];
  readonly access: RootAccess;
  readonly source: "command-line" | "client";
  /** Where it lies relative to the directories whose rules apply here, with those rules. */
  readonly positions: readonly Position[];
}

interface Position {
  readonly prefix: string;
  readonly rules: DenyRules;
}

/** What the roots of one server share. */
export interface RootSettings {
  readonly containment: Containment;
  readonly deny: readonly string[];
  /** Told about each directory that cannot be used. */
  skip(path: string, reason: string): void;
}

/** Splits the access suffix off: `x:ro` is read-only `x`, `x:ro:rw` is a directory really named `x:ro`. */
export function parseRootArgument(text: string): RootArgument {
  const match = /^(.+):(ro|rw)$/s.exec(text);
  const [, path = text, access = "rw"] = match ?? [];
  return { path, access: access === "ro" ? "ro" : "rw" };
}

/** The absolute path a directory argument means. */
function absoluteRootPath(path: string): string {
  return resolve(workingDirectory(), expandHome(path));
}

/** True when the directory can be opened now. */
export function isUsableRoot(path: string): boolean {
  return statSync(absoluteRootPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Opens the operator's directories; those that cannot be used are skipped, repeated ones count once. */
export function openRoots(texts: readonly string[], settings: RootSettings): Root[] {
  const roots: Root[] = [];
  for (const text of texts) {
    const argument = parseRootArgument(text);
    try {
      const root = openRoot(argument, settings);
      const twin = roots.findIndex(({ directory }) => isSameDirectory(directory, root.directory));
      if (twin === -1) roots.push(root);
      else {
        // The narrower of two contradicting access suffixes is the safer reading.
        closeSync(root.directory.fd);
        const known = roots[twin];
        if (known && argument.access === "ro") roots[twin] = { ...known, access: "ro" };
      }
    } catch (error) {
      settings.skip(argument.path, error instanceof Error && "code" in error ? String(error.code) : "unusable");
    }
  }
  return placeRoots(roots, settings);
}

/** True when both descriptors hold the same directory. */
export function isSameDirectory(left: Pick<HeldDirectory, "dev" | "ino">, right: typeof left): boolean {
  return left.ino === right.ino && left.dev === right.dev;
}

/**
 * True when `--deny` hides `name` in the directory at `parent`.
 *
 * @param parent Relative to the root, already known to be visible.
 */
export function isHidden(root: Root, parent: string, name: string): boolean {
  for (const { prefix, rules } of root.positions) {
    if (rules.hides(prefix === "" || parent === "" ? prefix + parent : `${prefix}/${parent}`, name)) return true;
  }
  return false;
}

/** True when `--deny` hides the path itself or a directory above it, up to the root. */
export function isPathHidden(root: Root, names: readonly string[]): boolean {
  if (root.positions.length === 0) return false;
  return names.some((name, index) => isHidden(root, names.slice(0, index).join("/"), name));
}

/** Opens a client's directory as one of its own, with the rules that hold everywhere. */
export function openClientRoot(path: string, settings: RootSettings): Root {
  return { ...openRoot({ path, access: "rw" }, settings), source: "client" };
}

/**
 * Makes a directory inside an allowed one an allowed one itself; access and rules stay those of the outer one.
 *
 * @param located A directory that was walked to.
 * @param spelled How the client wrote it.
 */
export function narrowedRoot(containment: Containment, located: Located, spelled: string): Root {
  const { fd, dev, ino } = containment.here(located.directory, (path) => containment.openRoot(path));
  const { path, root, names } = located;
  const positions = root.positions.map(({ prefix, rules }) => ({
    prefix: [...(prefix === "" ? [] : [prefix]), ...names].join("/"),
    rules,
  }));
  const directory = { fd, dev, ino, path };
  return { directory, path, spellings: spellings(path, spelled), access: root.access, source: "client", positions };
}

function openRoot({ path, access }: RootArgument, settings: RootSettings): Root {
  const spelled = absoluteRootPath(path);
  const directory = settings.containment.openRoot(realpathSync.native(spelled));
  const rules = compileDenyRules(settings.deny, ignoresCase(settings.containment, directory));
  return {
    directory,
    path: directory.path,
    spellings: spellings(directory.path, spelled),
    access,
    source: "command-line",
    positions: rules ? [{ prefix: "", rules }] : [],
  };
}

/** Gives each nested root the rules of the roots around it, so that a rule holds from whichever root it is seen. */
function placeRoots(roots: readonly Root[], settings: RootSettings): Root[] {
  const placed = roots.map((root) => {
    const around = roots.filter((other) => other !== root && isBelow(root.path, other.path));
    const inherited = around.flatMap((other) =>
      other.positions.map(({ rules }) => ({ prefix: relative(other.path, root.path).split(sep).join("/"), rules })),
    );
    return { ...root, positions: [...root.positions, ...inherited] };
  });
  return placed.filter((root) => {
    const hidden = root.positions.some(({ prefix, rules }) => hidesPrefix(rules, prefix));
    if (hidden) {
      closeSync(root.directory.fd);
      settings.skip(root.path, "hidden by --deny");
    }
    return !hidden;
  });
}

function hidesPrefix(rules: DenyRules, prefix: string): boolean {
  const names = prefix === "" ? [] : prefix.split("/");
  return names.some((name, index) => rules.hides(names.slice(0, index).join("/"), name));
}

/** True when a path is below another one, told by their spelling. */
export function isBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor.endsWith(sep) ? ancestor : ancestor + sep);
}

/** The names of each distinct way to spell an absolute path. */
function spellings(...paths: readonly string[]): string[][] {
  return [...new Set(paths)].map((path) => path.split(sep).filter((name) => name !== ""));
}

/** Tries an existing name in the other case, because no system tells this of a volume. */
function ignoresCase(containment: Containment, directory: HeldDirectory): boolean {
  if (platform === "win32") return true;
  try {
    const names = containment.here(directory, (path) => readdirSync(path));
    const probe = names.find((name) => swapCase(name) !== name);
    if (probe === undefined) return platform === "darwin";
    if (names.includes(swapCase(probe))) return false;
    return (
      containment.at(directory, swapCase(probe), (path) => lstatSync(path, { throwIfNoEntry: false })) !== undefined
    );
  } catch {
    // An unreadable directory: rather hide too much than too little.
    return true;
  }
}

function swapCase(name: string): string {
  const upper = name.toUpperCase();
  return upper === name ? name.toLowerCase() : upper;
}
