import { FailureError } from "@bothways/kit";
import type { Verdict } from "../safe-fs/tree.ts";
import { literalHits } from "./literal-hits.ts";
import { invalidRegex } from "./regex-characters.ts";
import type { RegexWorkers } from "./regex-worker.ts";
import type { SearchRun } from "./search-run.ts";
import { type Hit, hitOf, type SearchedText, searchedText } from "./searched-text.ts";

/** A file whose content was read. */
export interface ReadFile {
  /** Relative to where the search begins. */
  readonly path: string;
  readonly absolute: string;
  /** Valid until `offer` returns, or until its promise is settled. */
  readonly bytes: Buffer;
}

/** Looks into files one after the other, and puts what it finds on the page in the same order. */
export interface HitFinder {
  /** @returns `"stop"` when the page is full. */
  offer(file: ReadFile): Verdict | Promise<Verdict>;
  /** Looks into what is left. */
  finish(): Promise<Verdict>;
}

/** Puts the hits of a file on the page. */
export function report(run: SearchRun, file: ReadFile, text: SearchedText, hits: readonly Hit[]): Verdict {
  if (text.isBinary) {
    if (hits.length > 0) run.skipped.binary += 1;
    run.page.passed(file.path);
    return undefined;
  }
  const added = run.page.add({ path: file.path, absolute: file.absolute, bytes: text.bytes, hits });
  if (added && hits.length === 0) run.page.passed(file.path);
  return added ? undefined : "stop";
}

/** Finds fixed bytes. */
export class LiteralFinder implements HitFinder {
  readonly #run: SearchRun;
  readonly #needle: Buffer;

  constructor(run: SearchRun, needle: Buffer) {
    this.#run = run;
    this.#needle = needle;
  }

  offer(file: ReadFile): Verdict {
    const text = searchedText(file.bytes);
    return report(this.#run, file, text, literalHits(text.bytes, this.#needle, this.#run.page.hitLimit));
  }

  finish(): Promise<Verdict> {
    return Promise.resolve(undefined);
  }
}

/** A worker gets so much at a time: enough that handing it over costs little. */
const batchBytes = 1 << 20;
const batchFiles = 200;

/** Finds matches of a regular expression, in a thread. */
export class RegexFinder implements HitFinder {
  readonly #run: SearchRun;
  readonly #workers: RegexWorkers;
  #batch: { readonly file: ReadFile; readonly text: SearchedText }[] = [];
  #bytes = 0;

  constructor(run: SearchRun, workers: RegexWorkers) {
    this.#run = run;
    this.#workers = workers;
  }

  offer(file: ReadFile): Verdict | Promise<Verdict> {
    const text = searchedText(file.bytes);
    this.#batch.push({ file, text: { ...text, bytes: Buffer.from(text.bytes) } });
    this.#bytes += text.bytes.length;
    return this.#bytes >= batchBytes || this.#batch.length >= batchFiles ? this.finish() : undefined;
  }

  async finish(): Promise<Verdict> {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    if (batch.length === 0) return undefined;
    const found = await this.#search(batch.map(({ text }) => text.bytes));
    if (!found) return "stop";
    for (const [index, { file, text }] of batch.entries()) {
      const hits = (found[index] ?? []).map(({ start, end }) => hitOf(text.bytes, start, end));
      if (report(this.#run, file, text, hits) === "stop") return "stop";
    }
    return undefined;
  }

  async #search(texts: readonly Buffer[]): Promise<readonly { start: number; end: number }[][] | undefined> {
    const { query, page, stop } = this.#run;
    const lengths = texts.map(({ length }) => length);
    const content = new ArrayBuffer(lengths.reduce((sum, length) => sum + length, 0));
    const copy = Buffer.from(content);
    let at = 0;
    for (const text of texts) at += text.copy(copy, at);
    const { javascript: source, ignoreCase, multiline } = query;
    const task = { source, ignoreCase, multiline, limit: page.hitLimit, content, lengths };
    try {
      return (await this.#workers.run(task, stop)).ranges;
    } catch (error) {
      if (stop.aborted) return undefined;
      if (error instanceof FailureError) throw error;
      throw invalidRegex("needs more memory than there is");
    }
  }
}
