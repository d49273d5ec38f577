import type { Logger } from "@bothways/kit";
import type { Operation } from "../safe-fs/file-system.ts";
import { walkTree } from "../safe-fs/tree.ts";
import { openSource } from "../text/byte-source.ts";
import type { Encoding } from "../text/encoding.ts";
import { BuiltinEngine } from "./builtin-engine.ts";
import { ContentPage } from "./content-page.ts";
import { type ContentSearchRequest, compileContentQuery } from "./content-query.ts";
import { IgnoreFiles } from "./gitignore.ts";
import { type HitFinder, LiteralFinder, RegexFinder } from "./hit-finder.ts";
import { RegexWorkers } from "./regex-worker.ts";
import { searchFileWithRipgrep, searchWithRipgrep } from "./ripgrep-engine.ts";
import type { SearchRun, Skipped } from "./search-run.ts";
import { Selection } from "./selection.ts";

/** What answered a search. */
export type SearchEngine = "ripgrep" | "builtin";

/** Results of a search, one page of them. */
export interface ContentSearchResult {
  readonly page: ContentPage;
  readonly skipped: Skipped;
  readonly engine: SearchEngine;
}

/** What the operator decided about searches. */
export interface ContentSearchSettings {
  readonly ripgrep: "auto" | "off";
  readonly legacyEncoding: Encoding;
  /** Deadline in milliseconds. */
  readonly timeoutMs: number;
  /** Most bytes of text of one page. */
  readonly maxBytes: number;
}

/** Searches the content of files; keeps what takes long to start for the next search. */
export class ContentSearcher implements AsyncDisposable {
  readonly #settings: ContentSearchSettings;
  readonly #workers = new RegexWorkers();
  #program: Promise<string | undefined> | undefined;

  constructor(settings: ContentSearchSettings) {
    this.#settings = settings;
  }

  /**
   * Searches below a directory, or in a file.
   *
   * @throws {FailureError} `INVALID_PATTERN`, `INVALID_INPUT` and what the path gives.
   */
  async search(
    operation: Operation,
    request: ContentSearchRequest,
    log: Logger,
    progress: (files: number) => void,
  ): Promise<ContentSearchResult> {
    const query = compileContentQuery(request);
    const { legacyEncoding: legacy, timeoutMs, maxBytes } = this.#settings;
    using start = operation.scope.locate(request.path);
    const stop = AbortSignal.any([operation.signal, AbortSignal.timeout(timeoutMs)]);
    const page = new ContentPage(query, maxBytes, legacy);
    const skipped: Skipped = { binary: 0, tooLarge: 0, denied: 0, unreadable: 0 };
    const common = { operation, start, query, page, skipped, legacy, stop, progress };
    const engine = start.type === "directory" ? await this.#inTree(common, log) : await this.#inFile(common, log);
    operation.signal.throwIfAborted();
    return { page, skipped, engine };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }

  async #inTree(common: Omit<SearchRun, "selection">, log: Logger): Promise<SearchEngine> {
    const { query } = common;
    // Across lines ripgrep's report of one line can grow without bound.
    const program = query.multiline ? undefined : await this.#ripgrep(log);
    if (program !== undefined) {
      const above = await ignoreFilesAbove(common);
      const run = { ...common, selection: new Selection(query, above) };
      const [done, denied] = await Promise.all([searchWithRipgrep(run, program, above), countDenied(common)]);
      common.skipped.denied += denied;
      if (done) return "ripgrep";
      log.debug("ripgrep does not work here");
    }
    const ignoreFiles = await ignoreFilesAbove(common);
    const run = { ...common, selection: new Selection(query, ignoreFiles) };
    await new BuiltinEngine(run, this.#finder(run), ignoreFiles).search();
    return "builtin";
  }

  async #inFile(common: Omit<SearchRun, "selection">, log: Logger): Promise<SearchEngine> {
    const { operation, start, query, page, skipped, stop } = common;
    using file = operation.scope.openLocated(start);
    const size = Number(file.stat.size);
    if (size > query.maxFileBytes) {
      skipped.tooLarge += 1;
      return "builtin";
    }
    const run = { ...common, selection: new Selection(query, undefined) };
    const bytes = await openSource(file.fd).read(0, size);
    const read = { path: start.name, absolute: start.path, bytes };
    const program = query.literal || query.multiline ? undefined : await this.#ripgrep(log);
    if (program !== undefined && (await searchFileWithRipgrep(run, program, file.fd, read))) return "ripgrep";
    const finder = this.#finder(run);
    await finder.offer(read);
    await finder.finish();
    if (stop.aborted) page.stopWithGaps();
    return "builtin";
  }

  #finder(run: SearchRun): HitFinder {
    const { literal } = run.query;
    return literal ? new LiteralFinder(run, literal) : new RegexFinder(run, this.#workers);
  }

  /** The path of ripgrep; it is an optional package and absent on some platforms. */
  #ripgrep(log: Logger): Promise<string | undefined> {
    if (this.#settings.ripgrep === "off") return Promise.resolve(undefined);
    this.#program ??= import("@vscode/ripgrep").then(
      ({ rgPath }) => rgPath,
      () => {
        log.debug("ripgrep is not installed; searching without it");
        return undefined;
      },
    );
    return this.#program;
  }
}

async function ignoreFilesAbove({
  operation,
  start,
  query,
}: Omit<SearchRun, "selection">): Promise<IgnoreFiles | undefined> {
  if (!query.respectGitignore) return undefined;
  const { scope, pacer } = operation;
  const files = new IgnoreFiles(scope, start);
  await files.readAbove(start, pacer);
  return files;
}

/** Counts what `--deny` hides where a search looks; ripgrep is never told of it, so its report cannot say. */
async function countDenied(common: Omit<SearchRun, "selection">): Promise<number> {
  const { operation, start, query, stop } = common;
  if (operation.scope.roots.every(({ positions }) => positions.length === 0)) return 0;
  const ignoreFiles = await ignoreFilesAbove(common);
  const selection = new Selection(query, ignoreFiles);
  let denied = 0;
  await walkTree(
    operation.scope,
    start,
    {
      enter(directory) {
        ignoreFiles?.enter(directory);
        denied += directory.listing.hidden;
      },
      leave: () => ignoreFiles?.leave(),
      entry(name, type, { path: parent }) {
        const path = parent === "" ? name : `${parent}/${name}`;
        return type === "directory" && selection.enters(path, parent, name) ? "enter" : undefined;
      },
    },
    operation.pacer,
    () => !stop.aborted,
  );
  return denied;
}
