import { closeSync } from "node:fs";
import type { Logger, ToolContext } from "@bothways/kit";
import { parseEncoding } from "../text/encoding.ts";
import { Pacer } from "../text/pacer.ts";
import { TextReader } from "../text/read-text.ts";
import { type Containment, createContainment } from "./containment.ts";
import { openRoots, type Root } from "./roots.ts";
import { Scope } from "./scope.ts";
import { Turnstile } from "./turnstile.ts";

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
  /** True when nothing may be opened for writing. */
  readonly readOnly: boolean;
  /** False leaves `/proc` unused, as on systems without it; for tests. @default true */
  readonly procFd?: boolean;
}

/** What one call works with. */
export interface Operation {
  /** The directories its connection may use, as they were when it began. */
  readonly scope: Scope;
  readonly pacer: Pacer;
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
  readonly #roots: readonly Root[];
  readonly #operations = new Turnstile(concurrentOperations);
  readonly #searches = new Turnstile(concurrentSearches);

  constructor(settings: FileSystemSettings, containment: Containment, roots: readonly Root[]) {
    this.settings = settings;
    this.containment = containment;
    this.reader = new TextReader(parseEncoding(settings.legacyEncoding));
    this.#roots = roots;
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { directory } of this.#roots) closeSync(directory.fd);
  }

  async #within<Result>(
    turnstile: Turnstile,
    ctx: OperationContext,
    run: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result> {
    const leave = await turnstile.enter(ctx.connection, ctx.signal);
    try {
      const scope = new Scope(this.containment, this.#roots);
      return await run({ scope, pacer: new Pacer(ctx.signal) });
    } finally {
      leave();
    }
  }
}

/** Opens the allowed directories; those that cannot be opened are skipped with a warning each. */
export function openFileSystem(settings: FileSystemSettings, log: Logger): FileSystem {
  const containment = createContainment(settings.procFd);
  const skip = (path: string, reason: string): void => log.warn("directory skipped", { path, reason });
  const roots = openRoots(settings.directories, { containment, deny: settings.deny, skip });
  return new FileSystem(settings, containment, roots);
}
