import type { Operation } from "../safe-fs/file-system.ts";
import type { EntryType, Located } from "../safe-fs/located.ts";
import { joinPath, type TreeDirectory, type Verdict, walkTree } from "../safe-fs/tree.ts";
import { createTreeText, type TreeText } from "../safe-fs/tree-text.ts";
import { IgnoreFiles } from "./gitignore.ts";
import { compileExclusions, type GlobMatcher } from "./globs.ts";

/** What `directory_tree` is asked for. */
export interface TreeRequest {
  readonly excludePatterns: readonly string[];
  readonly maxDepth?: number | undefined;
  readonly maxEntries: number;
  readonly respectGitignore: boolean;
  readonly format: "json" | "compact";
}

/** Where a tree ends even if there is more. */
export interface TreeLimits {
  readonly timeoutMs: number;
  /** Of text. */
  readonly maxBytes: number;
}

/** A tree as text. */
export interface TreeShown {
  readonly content: string;
  readonly entryCount: number;
  /** Entries that `--deny` keeps out. */
  readonly hidden: number;
  readonly truncated: boolean;
  readonly errors: { readonly path: string; readonly code: string }[];
}

const maxErrors = 100;

/** Shows what is below a directory, each directory before what it holds, names in byte order. */
export async function showTree(
  { scope, pacer }: Operation,
  start: Located,
  request: TreeRequest,
  limits: TreeLimits,
  progress: (entries: number) => void,
): Promise<TreeShown> {
  const ignoreFiles = request.respectGitignore ? new IgnoreFiles(scope, start) : undefined;
  const view = new TreeView(request, createTreeText(request.format, limits.maxBytes), ignoreFiles);
  await ignoreFiles?.readAbove(start, pacer);
  const deadline = performance.now() + limits.timeoutMs;
  const isComplete = await walkTree(scope, start, view, pacer, () => {
    progress(view.entryCount);
    return performance.now() < deadline;
  });
  progress(view.entryCount);
  return view.result(isComplete);
}

class TreeView {
  entryCount = 0;
  readonly #request: TreeRequest;
  readonly #text: TreeText;
  readonly #ignoreFiles: IgnoreFiles | undefined;
  readonly #isExcluded: GlobMatcher | undefined;
  readonly #errors: { path: string; code: string }[] = [];
  #hidden = 0;

  constructor(request: TreeRequest, text: TreeText, ignoreFiles: IgnoreFiles | undefined) {
    this.#request = request;
    this.#text = text;
    this.#ignoreFiles = ignoreFiles;
    if (request.excludePatterns.length > 0) this.#isExcluded = compileExclusions(request.excludePatterns);
  }

  enter(directory: TreeDirectory): void {
    this.#ignoreFiles?.enter(directory);
    this.#hidden += directory.listing.hidden;
    if (directory.depth > 0) this.#text.open();
  }

  leave(): void {
    this.#ignoreFiles?.leave();
  }

  entry(name: string, type: EntryType, { path: parent, depth }: TreeDirectory): Verdict {
    if (this.#isExcluded?.(joinPath(parent, name))) return undefined;
    if (this.#ignoreFiles?.ignores(parent, name, type === "directory")) return undefined;
    const { maxEntries, maxDepth = Number.POSITIVE_INFINITY } = this.#request;
    if (this.entryCount >= maxEntries || !this.#text.add(name, type, depth)) return "stop";
    this.entryCount += 1;
    return depth + 1 < maxDepth ? "enter" : undefined;
  }

  failed(path: string, code: string): void {
    if (this.#errors.length < maxErrors) this.#errors.push({ path, code });
  }

  result(isComplete: boolean): TreeShown {
    const { entryCount } = this;
    const content = this.#text.finish();
    return { content, entryCount, hidden: this.#hidden, truncated: !isComplete, errors: this.#errors };
  }
}
