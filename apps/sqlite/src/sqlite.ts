import { createLogger, FailureError, KitError, type Logger, type ToolContext } from "@bothways/kit";
import { Catalogue, realDirectory } from "./engine/catalogue.ts";
import { type EnginePool, type NamedDatabase, openEngines } from "./engine/pool.ts";
import type { Answers, JobKind, JobOf } from "./engine/protocol.ts";
import { databasesOf, type SqliteOptions } from "./options.ts";
import { Exports } from "./resources/exports.ts";
import { Memos } from "./resources/memos.ts";
import { SchemaWatch } from "./resources/schema-watch.ts";
import type { SavedQuery } from "./sql/saved-queries.ts";

/** Who runs a job and until when: the part of a tool's context that engines care about. */
export type Caller = Pick<ToolContext, "signal" | "principal">;

/** What the tools, resources and prompts work on. */
export class Sqlite implements AsyncDisposable {
  readonly options: SqliteOptions;
  readonly databases: readonly NamedDatabase[];
  readonly engines: EnginePool;
  readonly memos: Memos = new Memos();
  readonly exports: Exports = new Exports();
  readonly schemas: SchemaWatch;

  constructor(options: SqliteOptions, engines: EnginePool) {
    this.options = options;
    this.databases = databasesOf(options);
    this.engines = engines;
    this.schemas = new SchemaWatch(async (database) => {
      const job = { kind: "schema_version", database } as const;
      return (await this.run<"schema_version">(job, { signal: new AbortController().signal })).version;
    });
  }

  /**
   * Runs one job under the server's deadline.
   *
   * @param timeoutMs Shortens the deadline of this call; a longer one than the server's is not granted.
   */
  run<Kind extends JobKind>(job: JobOf<Kind>, caller: Caller, timeoutMs?: number): Promise<Answers[Kind]> {
    return this.engines.run<Kind>(job, {
      signal: caller.signal,
      deadlineMs: Math.min(timeoutMs ?? this.options.queryTimeout, this.options.queryTimeout),
      principalId: caller.principal?.id,
    });
  }

  /** The name a call without `database` means. */
  databaseName(given: string | undefined): string {
    const name = given ?? this.databases[0]?.name;
    if (name !== undefined) return name;
    throw new FailureError(
      "DATABASE_NOT_FOUND",
      "no database is named in the call.",
      "Call list_databases for the names.",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.schemas[Symbol.dispose]();
    await this.engines[Symbol.asyncDispose]();
  }
}

/**
 * Checks every path without opening anything, so that a wrong one fails the start on every transport.
 *
 * @throws {KitError} `ERR_OPTION_INVALID`, naming the flag.
 */
export function assertPaths(options: SqliteOptions): void {
  void new Catalogue(pathsOf(options));
  const directories = {
    "--import-dir": options.importDir,
    "--export-dir": options.exportDir,
    "--backup-dir": options.backupDir,
  };
  for (const [flag, path] of Object.entries(directories)) {
    if (path !== undefined) realDirectory(path, flag);
  }
}

/**
 * Prepares each saved query once, so that a wrong one fails the start and not a call.
 *
 * @throws {KitError} `ERR_OPTION_INVALID`, naming the entry.
 */
export async function assertPrepared(options: SqliteOptions, saved: readonly SavedQuery[]): Promise<void> {
  if (saved.length === 0) return;
  await using sqlite = await openSqlite(options, silent);
  for (const query of saved) await prepareOnce(query, sqlite);
}

/**
 * Prepares the engines; no process starts before the first job.
 *
 * @throws {KitError} `ERR_OPTION_INVALID`, naming the flag, for a path that cannot be used.
 */
export async function openSqlite(options: SqliteOptions, log: Logger): Promise<Sqlite> {
  const { readers, maxQueue, maxMemory, maxGrowth, busyTimeout } = options;
  const engines = await openEngines({
    ...pathsOf(options),
    readers,
    maxQueue,
    maxMemory,
    maxGrowth,
    busyTimeout,
    importDir: options.importDir ?? null,
    exportDir: options.exportDir ?? null,
    backupDir: options.backupDir ?? null,
    log,
  });
  return new Sqlite(options, engines);
}

const silent: Logger = createLogger(() => {}, { level: "error", format: "text" });

function pathsOf(options: SqliteOptions) {
  const { allowDir: allowDirs, readWrite, create, immutable } = options;
  return { databases: databasesOf(options), allowDirs, readWrite, create, immutable };
}

async function prepareOnce({ name, sql, mode, database }: SavedQuery, sqlite: Sqlite): Promise<void> {
  // Without --read-write such an entry is no tool, and nothing could prepare it.
  if (mode === "write" && !sqlite.options.readWrite) return;
  try {
    const job = { kind: "check_statement", database, sql, access: mode } as const;
    await sqlite.run<"check_statement">(job, { signal: new AbortController().signal });
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    throw new KitError("ERR_OPTION_INVALID", `--queries: ${name}: ${error.message}`, { cause: error });
  }
}
