import type { Logger, ToolContext } from "@bothways/kit";
import type { ContentSearcher } from "../search/content-search.ts";
import { type Encoding, parseEncoding } from "../text/encoding.ts";
import { Pacer } from "../text/pacer.ts";
import { TextReader } from "../text/read-text.ts";
import { FileChanges } from "./change/file-changes.ts";
import { Journal, journalDirectory } from "./change/journal.ts";
import { removeStaleTemporaries } from "./change/stale-temporaries.ts";
import { Transfers } from "./change/transfers.ts";
import { ConnectionRoots } from "./client-roots.ts";
import { type Containment, createContainment } from "./containment.ts";
import { PathWatch } from "./path-watch.ts";
import { quoted, refusal } from "./refusal.ts";
import { RootSet } from "./root-set.ts";
import { isUsableRoot, openRoots, type Root, type RootSettings } from "./roots.ts";
import { rootsRequestsOf } from "./roots-requests.ts";
import { Scope } from "./scope.ts";
import { Turnstile } from "./turnstile.ts";
import { WatchQuota } from "./watch-quota.ts";

/** What the operator decided, and what tests may force. */
export interface FileSystemSettings {
  /** `<dir>[:ro|:rw]`, in the operator's order. */
  readonly directories: readonly string[];
  readonly deny: readonly string[];
  /** Cap for text in one answer, in bytes. */
  readonly maxRead: number;
  /** Largest file that is edited or kept in memory, in bytes. */
  readonly maxFile: number;
  readonly hardlinks: "break" | "deny" | "in-place";
  readonly legacyEncoding: string;
  /** Deadline of one search or tree walk, in milliseconds. */
  readonly searchTimeout: number;
  readonly ripgrep: "auto" | "off";
  /** True when directories that cannot be opened were reported before. @default false */
  readonly isChecked?: boolean;
  /** True when nothing may be opened for writing. */
  readonly readOnly: boolean;
  /** @default narrow with directories, else replace */
  readonly roots?: "narrow" | "ignore" | "replace" | undefined;
  /** Where programs keep state. @default the user's state directory */
  readonly stateDirectory?: string;
  /** False leaves `/proc` unused, as on systems without it; for tests. @default true */
  readonly procFd?: boolean;
}

/** What one call works with. */
export interface Operation {
  /** The directories its connection may use, as they were when it began. */
  readonly scope: Scope;
  readonly pacer: Pacer;
  readonly signal: AbortSignal;
}

/** What of a tool's context an operation needs. */
export type OperationContext = Pick<ToolContext, "connection" | "signal">;

const concurrentOperations = 8;
const concurrentSearches = 2;

/** The allowed directories, held open for as long as the server runs. */
export class FileSystem implements AsyncDisposable {
  readonly settings: FileSystemSettings;
  readonly containment: Containment;
  readonly reader: TextReader;
  readonly legacyEncoding: Encoding;
  readonly changes: FileChanges;
  readonly transfers: Transfers;
  readonly #base: RootSet;
  readonly #rootSettings: RootSettings;
  readonly #connections = new WeakMap<object, ConnectionRoots>();
  readonly #watches = new WatchQuota();
  /** Aborted when this is disposed, for work that belongs to no call. */
  readonly #open = new AbortController();
  #cleanUp: NodeJS.Immediate | undefined;
  #content: Promise<ContentSearcher> | undefined;
  readonly #operations = new Turnstile(concurrentOperations);
  readonly #searches = new Turnstile(concurrentSearches);

  constructor(settings: FileSystemSettings, rootSettings: RootSettings, roots: readonly Root[], journal: Journal) {
    const { containment } = rootSettings;
    this.settings = settings;
    this.containment = containment;
    this.#rootSettings = rootSettings;
    this.#base = new RootSet(roots, roots);
    const hasProtectedPlaces = settings.deny.length > 0 || roots.some(({ access }) => access === "ro");
    this.changes = new FileChanges(containment, { ...settings, hasProtectedPlaces }, journal);
    this.transfers = new Transfers(containment, this.changes, roots);
    this.legacyEncoding = parseEncoding(settings.legacyEncoding);
    this.reader = new TextReader(this.legacyEncoding);
  }

  /** Runs one file operation of a call when its turn has come. */
  async operation<Result>(
    ctx: OperationContext,
    run: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#within(this.#operations, ctx, run);
  }

  /** As `operation`, for work that goes through whole trees. */
  async search<Result>(
    ctx: OperationContext,
    run: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#within(this.#searches, ctx, run);
  }

  /** What searches the content of files; loaded with the first such search. */
  contentSearcher(): Promise<ContentSearcher> {
    const { ripgrep, searchTimeout: timeoutMs, maxRead: maxBytes } = this.settings;
    this.#content ??= import("../search/content-search.ts").then(
      ({ ContentSearcher }) =>
        new ContentSearcher({ ripgrep, timeoutMs, maxBytes, legacyEncoding: this.legacyEncoding }),
    );
    return this.#content;
  }

  /** Removes what killed servers left behind, once the first call has been answered or is under way. */
  cleanUpLater(journals: string, log: Logger): void {
    this.#cleanUp = setImmediate(() =>
      removeStaleTemporaries(journals, new Scope(this.containment, this.#base.roots), log),
    );
  }

  /** @throws {FailureError} `TOO_LARGE` for more than `--max-file`. */
  assertSize(path: string, bytes: number): void {
    const { maxFile } = this.settings;
    if (bytes <= maxFile) return;
    throw refusal(
      "TOO_LARGE",
      `The content for ${quoted(path)} has ${bytes} bytes, more than the ${maxFile} this server takes.`,
      "Write it in parts with append_file, or let the operator raise --max-file.",
    );
  }

  /**
   * Watches a path for a connection; dispose the result to end it.
   *
   * @throws {FailureError} `TOO_LARGE` above 256 watches of the process or 64 of the connection.
   */
  async watch(path: string, connection: object, changed: () => void): Promise<Disposable> {
    const leave = this.#watches.enter(connection);
    const ctx = { connection, signal: this.#open.signal };
    try {
      const watching = await PathWatch.open(
        this.containment,
        (look) =>
          this.operation(ctx, ({ scope }) => {
            using located = scope.locate(path, "create-path");
            look(located);
          }),
        changed,
      );
      return {
        [Symbol.dispose]() {
          watching[Symbol.dispose]();
          leave();
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open.abort();
    await (await this.#content)?.[Symbol.asyncDispose]();
    clearImmediate(this.#cleanUp);
    this.changes[Symbol.dispose]();
    this.#base.retire();
  }

  async #within<Result>(
    turnstile: Turnstile,
    ctx: OperationContext,
    run: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result> {
    // Waiting for a client must not take a place from other connections.
    await this.#rootsOf(ctx.connection);
    const leave = await turnstile.enter(ctx.connection, ctx.signal);
    try {
      const set = await this.#rootsOf(ctx.connection);
      set.use();
      try {
        const scope = new Scope(this.containment, set.roots);
        return await run({ scope, pacer: new Pacer(ctx.signal), signal: ctx.signal });
      } finally {
        set.release();
      }
    } finally {
      leave();
    }
  }

  #rootsOf(connection: object): RootSet | Promise<RootSet> {
    const { roots = this.#base.roots.length > 0 ? "narrow" : "replace" } = this.settings;
    const requests = rootsRequestsOf(connection);
    if (!requests || roots === "ignore") return this.#base;
    let followed = this.#connections.get(connection);
    if (!followed) {
      followed = new ConnectionRoots(roots, this.#base, this.#rootSettings, requests);
      this.#connections.set(connection, followed);
    }
    return followed.current();
  }
}

/** Opens the allowed directories; those that cannot be opened are skipped with a warning each. */
export function openFileSystem(settings: FileSystemSettings, log: Logger): FileSystem {
  const containment = createContainment(settings.procFd);
  const skip = (path: string, reason: string): void => {
    const level = settings.isChecked && !isUsableRoot(path) ? "debug" : "warn";
    log[level]("directory skipped", { path, reason });
  };
  const rootSettings = { containment, deny: settings.deny, skip };
  const roots = openRoots(settings.directories, rootSettings);
  const journals = journalDirectory(settings.stateDirectory);
  const files = new FileSystem(settings, rootSettings, roots, new Journal(journals, log));
  if (!settings.readOnly && journals !== undefined) files.cleanUpLater(journals, log);
  return files;
}
