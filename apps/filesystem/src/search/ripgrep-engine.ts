import { FailureError } from "@bothways/kit";
import { pathBelow } from "../safe-fs/located.ts";
import { errnoOf } from "../safe-fs/refusal.ts";
import { isPathHidden } from "../safe-fs/roots.ts";
import { maxTreeDepth } from "../safe-fs/tree.ts";
import { openSource } from "../text/byte-source.ts";
import { comparePaths } from "./compare-paths.ts";
import type { IgnoreFiles } from "./gitignore.ts";
import { type ReadFile, report as reportHits } from "./hit-finder.ts";
import { ripgrepArguments } from "./ripgrep-arguments.ts";
import type { IndexedFile, IndexedLine } from "./ripgrep-output.ts";
import { type RipgrepReport, type RipgrepTarget, runRipgrep } from "./ripgrep-process.ts";
import type { SearchRun } from "./search-run.ts";
import { type Hit, lineEndAt, searchedText } from "./searched-text.ts";

/** More than this, and the index is read in order instead of being collected and ordered. */
const collectedLines = 20_000;
const collectedBytes = 8 << 20;

/**
 * Searches with ripgrep as the index: what it names is opened again through our own descriptors, and a line is
 * reported only when it was read there.
 *
 * @param ignoreFiles Those above the start.
 * @returns False when ripgrep does not work here and nothing was searched.
 */
export async function searchWithRipgrep(
  run: SearchRun,
  program: string,
  ignoreFiles: IgnoreFiles | undefined,
): Promise<boolean> {
  const engine = new RipgrepEngine(run, program, ignoreFiles);
  return (await engine.collect()) ?? engine.follow();
}

/**
 * Searches one file that is open already: ripgrep reads from its descriptor.
 *
 * @returns False when ripgrep does not work here.
 */
export async function searchFileWithRipgrep(
  run: SearchRun,
  program: string,
  fd: number,
  file: ReadFile,
): Promise<boolean> {
  const found = emptyReport();
  const args = ripgrepArguments({ ...run.query, include: [], excludePatterns: [] }, run.page.hitLimit);
  const text = searchedText(file.bytes);
  for await (const { lines } of runRipgrep(program, args, { kind: "file", fd }, found, run.stop)) {
    reportHits(run, file, text, verifiedHits(text.bytes, lines));
  }
  if (run.stop.aborted) run.page.stopWithGaps();
  return !found.failed;
}

class RipgrepEngine {
  readonly #run: SearchRun;
  readonly #program: string;
  readonly #target: RipgrepTarget;
  /** Those above the start; ripgrep knows the others. */
  readonly #ignoreFiles: IgnoreFiles | undefined;

  constructor(run: SearchRun, program: string, ignoreFiles: IgnoreFiles | undefined) {
    const { operation, start } = run;
    this.#run = run;
    this.#program = program;
    this.#ignoreFiles = ignoreFiles;
    this.#target = { kind: "directory", containment: operation.scope.containment, directory: start.directory };
  }

  /** Collects all hits and shows them in order; `undefined` when there are too many for that. */
  async collect(): Promise<boolean | undefined> {
    const { page, stop } = this.#run;
    const report = emptyReport();
    const files: IndexedFile[] = [];
    let lines = 0;
    let bytes = 0;
    for await (const file of this.#index(report, [])) {
      files.push(file);
      lines += file.lines.length;
      bytes += file.lines.reduce((sum, line) => sum + line.bytes.length, 0);
      if (lines > collectedLines || bytes > collectedBytes) return undefined;
    }
    if (report.failed) return false;
    this.#note(report);
    const isComplete = !stop.aborted;
    files.sort((left, right) => comparePaths(left.path ?? "", right.path ?? ""));
    for (const [index, file] of files.entries()) {
      this.#run.progress(index);
      if (!(await this.#verify(file))) return true;
    }
    if (!isComplete) page.stopWithGaps();
    return true;
  }

  /** Reads the index in the order of the results, and no further than the page needs. */
  async follow(): Promise<boolean> {
    const { page, stop } = this.#run;
    const report = emptyReport();
    let seen = 0;
    for await (const file of this.#index(report, ["--sort=path"])) {
      seen += 1;
      this.#run.progress(seen);
      if (!(await this.#verify(file))) break;
    }
    if (report.failed) return false;
    this.#note(report);
    if (stop.aborted) page.stop("timeout");
    return true;
  }

  #index(report: RipgrepReport, more: readonly string[]): AsyncGenerator<IndexedFile> {
    const { query, page, stop } = this.#run;
    const args = [...ripgrepArguments(query, page.hitLimit), `--max-depth=${maxTreeDepth + 1}`, ...more];
    return runRipgrep(this.#program, args, this.#target, report, stop);
  }

  #note({ tooLarge, unreadable }: RipgrepReport): void {
    const { skipped } = this.#run;
    skipped.tooLarge += tooLarge.filter((path) => this.#isWanted(path)).length;
    skipped.unreadable += unreadable;
  }

  /** Decides by the path alone, as a walk would have. */
  #isWanted(path: string): boolean {
    const { start, selection } = this.#run;
    return selection.admits(path) && !isPathHidden(start.root, [...start.names, ...path.split("/")]);
  }

  /** @returns False when the page is full. */
  async #verify({ path: named, lines }: IndexedFile): Promise<boolean> {
    const { operation, start, page, query, skipped } = this.#run;
    const path = named?.replace(/^\.\//, "");
    if (path === undefined || page.isPast(path) || !this.#isWanted(path)) return true;
    const absolute = pathBelow(start.root.path, [...start.names, ...path.split("/")]);
    if (operation.pacer.due) await operation.pacer.pause();
    try {
      if (await this.#ignoreFiles?.ignoresFound(path, start, operation.pacer)) return true;
      using file = operation.scope.openFile(absolute);
      const size = Number(file.stat.size);
      if (size > query.maxFileBytes) {
        skipped.tooLarge += 1;
        return true;
      }
      const text = searchedText(await openSource(file.fd).read(0, size));
      const hits = verifiedHits(text.bytes, lines);
      return reportHits(this.#run, { path, absolute, bytes: text.bytes }, text, hits) !== "stop";
    } catch (error) {
      // It is not there any more, or not what it was: nothing of it is reported.
      if (!(error instanceof FailureError) && errnoOf(error) === undefined) throw error;
      return true;
    }
  }
}

/** Keeps the lines that stand in the file itself where the index says. */
function verifiedHits(bytes: Buffer, lines: readonly IndexedLine[]): Hit[] {
  const hits: Hit[] = [];
  for (const { offset, bytes: line, matchAt } of lines) {
    const end = offset + line.length;
    const isThere = end <= bytes.length && bytes.compare(line, 0, line.length, offset, end) === 0;
    if (!isThere || (offset > 0 && bytes[offset - 1] !== 0x0a)) continue;
    hits.push({ start: offset, matchStart: offset + matchAt, end: lineEndAt(bytes, offset + matchAt) });
  }
  return hits;
}

function emptyReport(): RipgrepReport {
  return { tooLarge: [], unreadable: 0, failed: false };
}
