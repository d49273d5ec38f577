import { readSync } from "node:fs";
import { FailureError } from "@bothways/kit";
import ignore, { type Ignore } from "ignore";
import { openEntryFile } from "../safe-fs/entry-file.ts";
import type { Located } from "../safe-fs/located.ts";
import { pathBelow } from "../safe-fs/located.ts";
import { errnoOf } from "../safe-fs/refusal.ts";
import type { Scope } from "../safe-fs/scope.ts";
import { joinPath, type TreeDirectory } from "../safe-fs/tree.ts";
import type { Pacer } from "../text/pacer.ts";

/** Kinds of ignore files: what a kind says anywhere above an entry beats what a later kind says. */
const kinds = [".rgignore", ".ignore", ".gitignore", "exclude"] as const;

const maxFileBytes = 1 << 20;

/** Rules of one directory, by kind. */
interface Level {
  /** Its path and a slash; `""` at the allowed directory. */
  readonly prefix: string;
  readonly rules: readonly (Ignore | undefined)[];
  readonly hasRules: boolean;
}

/**
 * What `.gitignore`, `.ignore`, `.rgignore` and `.git/info/exclude` leave out, as ripgrep reads them; follows a tree
 * walk by `enter` and `leave`.
 */
export class IgnoreFiles {
  readonly #scope: Scope;
  readonly #levels: Level[] = [];
  /** From the allowed directory to where the walk begins, with a slash; `""` when it begins there. */
  readonly #base: string;

  constructor(scope: Scope, start: Located) {
    this.#scope = scope;
    this.#base = start.names.map((name) => `${name}/`).join("");
  }

  /** Reads the ignore files of the directories above the start, up to the allowed directory. */
  async readAbove(start: Located, pacer: Pacer): Promise<void> {
    const { root, names } = start;
    for (const depth of names.keys()) {
      const above = names.slice(0, depth);
      using located = this.#scope.locate(pathBelow(root.path, above));
      const listing = await this.#scope.list(located, pacer);
      const directory = { held: located.directory, root, names: above, path: "", depth, listing };
      this.#push(directory, above.map((name) => `${name}/`).join(""));
    }
    // Whoever names a directory wants to look into it, even where it is left out as a part of another.
    this.#reinclude(this.#base);
  }

  enter(directory: TreeDirectory): void {
    const prefix = this.#base + (directory.path === "" ? "" : `${directory.path}/`);
    this.#push(directory, prefix);
  }

  leave(): void {
    this.#levels.pop();
  }

  /** Whether an entry of the directory entered last, or of one above it, is left out. */
  ignores(directory: string, name: string, isDirectory: boolean): boolean {
    if (!this.#levels.some(({ hasRules }) => hasRules)) return false;
    const path = this.#base + joinPath(directory, name) + (isDirectory ? "/" : "");
    for (const kind of kinds.keys()) {
      const ignored = this.#verdict(kind, path);
      if (ignored !== undefined) return ignored;
    }
    return false;
  }

  /**
   * Whether a path below the start is left out that something else found, which knows all ignore files but those above
   * the start.
   */
  async ignoresFound(path: string, start: Located, pacer: Pacer): Promise<boolean> {
    if (!this.#levels.some(({ hasRules }) => hasRules)) return false;
    const names = path.split("/");
    const isIgnored = (index: number): boolean =>
      this.ignores(names.slice(0, index).join("/"), names[index] ?? "", index < names.length - 1);
    if (!names.some((_name, index) => isIgnored(index))) return false;
    // The ignore files on the way may bring it back.
    const levels = this.#levels.length;
    try {
      for (const index of names.keys()) {
        const on = names.slice(0, index);
        using located = this.#scope.locate(pathBelow(start.root.path, [...start.names, ...on]));
        const listing = await this.#scope.list(located, pacer);
        const { root, names: below, directory: held } = located;
        this.enter({ held, root, names: below, path: on.join("/"), depth: index, listing });
        if (isIgnored(index)) return true;
      }
      return false;
    } finally {
      this.#levels.splice(levels);
    }
  }

  /** What the deepest rule of a kind says. */
  #verdict(kind: number, path: string): boolean | undefined {
    for (const { prefix, rules } of this.#levels.toReversed()) {
      const verdict = rules[kind]?.test(path.slice(prefix.length));
      if (verdict?.ignored || verdict?.unignored) return verdict.ignored;
    }
    return undefined;
  }

  /** The rules would hand a directory's verdict down; one that a stronger rule brought back must not do so. */
  #reinclude(path: string): void {
    for (const { prefix, rules } of this.#levels) {
      const relative = path.slice(prefix.length);
      if (relative === "") continue;
      for (const some of rules) {
        if (some?.test(relative).ignored) some.add(`!/${relative.replace(/[\\*?[\]!# ]/g, "\\$&")}`);
      }
    }
  }

  #push(directory: TreeDirectory, prefix: string): void {
    this.#reinclude(prefix);
    const names = directory.listing.entries.filter(({ name }) => name.startsWith("."));
    const rules = kinds.map((kind) => {
      const found =
        kind === "exclude"
          ? names.some(({ name, type }) => name === ".git" && type === "directory")
          : names.some(({ name }) => name === kind);
      const text = found ? this.#read(directory, kind) : undefined;
      return text === undefined ? undefined : ignore({ ignorecase: false, allowRelativePaths: true }).add(text);
    });
    const hasRules = rules.some((some) => some !== undefined);
    this.#levels.push({ prefix, rules, hasRules });
  }

  #read({ held, root, names }: TreeDirectory, kind: (typeof kinds)[number]): string | undefined {
    const { containment } = this.#scope;
    try {
      if (kind === "exclude") {
        using file = this.#scope.openFile(pathBelow(root.path, [...names, ".git", "info", "exclude"]));
        return textOf(file.fd, Number(file.stat.size));
      }
      using file = openEntryFile(containment, held, root, kind);
      return file && textOf(file.fd, file.size);
    } catch (error) {
      // Gone, unreadable or no file: then it says nothing.
      if (error instanceof FailureError || errnoOf(error) !== undefined) return undefined;
      throw error;
    }
  }
}

function textOf(fd: number, size: number): string {
  const bytes = Buffer.allocUnsafe(Math.min(size, maxFileBytes));
  return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
}
