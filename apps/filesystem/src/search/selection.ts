import type { ContentSearchRequest } from "./content-query.ts";
import type { IgnoreFiles } from "./gitignore.ts";
import { compileNameGlob, type GlobMatcher } from "./globs.ts";

/** Which files a content search looks into, in terms of paths relative to where it begins. */
export class Selection {
  readonly #included: readonly GlobMatcher[];
  readonly #excluded: readonly GlobMatcher[];
  readonly #includeHidden: boolean;
  readonly #ignoreFiles: IgnoreFiles | undefined;

  /** @param ignoreFiles Kept up to date by whoever walks; `undefined` when they do not count. */
  constructor({ include, excludePatterns, includeHidden }: ContentSearchRequest, ignoreFiles: IgnoreFiles | undefined) {
    this.#included = include.map((glob) => compileNameGlob(glob));
    this.#excluded = excludePatterns.map((glob) => compileNameGlob(glob));
    this.#includeHidden = includeHidden;
    this.#ignoreFiles = ignoreFiles;
  }

  /** Whether a walk goes into a directory. */
  enters(path: string, parent: string, name: string): boolean {
    return this.#isSeen(path, name) && this.#ignoreFiles?.ignores(parent, name, true) !== true;
  }

  /** Whether a walk looks into a file. */
  searches(path: string, parent: string, name: string): boolean {
    if (!this.#isSeen(path, name) || !this.#isIncluded(path)) return false;
    return this.#ignoreFiles?.ignores(parent, name, false) !== true;
  }

  /** Whether a walk would have come to a file that something else found, but for ignore files. */
  admits(path: string): boolean {
    const names = path.split("/");
    const isSeen = names.every((name, index) => this.#isSeen(names.slice(0, index + 1).join("/"), name));
    return isSeen && this.#isIncluded(path);
  }

  #isSeen(path: string, name: string): boolean {
    if (name.startsWith(".") && !this.#includeHidden) return false;
    // No ignore file has to say that a repository's own files are not its content.
    if (name === ".git" && this.#ignoreFiles) return false;
    return !this.#excluded.some((matches) => matches(path));
  }

  #isIncluded(path: string): boolean {
    return this.#included.length === 0 || this.#included.some((matches) => matches(path));
  }
}
