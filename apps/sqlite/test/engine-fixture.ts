import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FailureError, type Logger } from "@bothways/kit";
import Database from "better-sqlite3";
import { type EngineConfig, type EnginePool, openEngines } from "../src/engine/pool.ts";
import type { Answers, JobKind, JobOf } from "../src/engine/protocol.ts";

// Tests start many engines from source; compiled once they start several times faster.
enableCompileCache(join(tmpdir(), "bothways-test-compile-cache"));

/** SQL that never ends; `SELECT count(*) FROM c` after it runs for ever, `SELECT x FROM c` streams. */
export const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";

export const limits = { rows: 200, bytes: 65_536, cell: 4096, offset: 0 };

/** A scratch folder that goes away with its scope. */
export async function scratch(): Promise<AsyncDisposable & { readonly path: string; file(name: string): string }> {
  const path = await mkdtemp(join(tmpdir(), "bothways-sqlite-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Makes a database file from SQL and closes it. */
export function createDatabase(path: string, sql: string): string {
  const database = new Database(path);
  database.exec(sql);
  database.close();
  return path;
}

/** All rows of a query, read by a connection of the test. */
export function inspect(path: string, sql: string): unknown[][] {
  const database = new Database(path);
  const rows = database.prepare<[], unknown[]>(sql).raw().all();
  database.close();
  return rows;
}

export const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A pool with a shorter way to run jobs. */
export interface TestPool extends AsyncDisposable {
  readonly pool: EnginePool;
  run<Kind extends JobKind>(job: JobOf<Kind>, options?: Partial<TestRun>): Promise<Answers[Kind]>;
  /** The rows of a read statement. */
  rows(sql: string, options?: Partial<TestRun>): Promise<readonly (readonly unknown[])[]>;
  /** Runs a write statement for good. */
  write(sql: string, options?: Partial<TestRun>): Promise<Answers["write"]>;
  /** The failure of a job, as `CODE: sentence next`. */
  failure<Kind extends JobKind>(job: JobOf<Kind>, options?: Partial<TestRun>): Promise<string>;
}

interface TestRun {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  readonly principalId: string;
  readonly database: string;
}

/** Opens engines on one database called `main`, unless the configuration says otherwise. */
export async function openPool(path: string | undefined, config: Partial<EngineConfig> = {}): Promise<TestPool> {
  const pool = await openEngines({
    databases: path === undefined ? [] : [{ name: "main", path, source: "PATH" }],
    allowDirs: [],
    readWrite: false,
    create: false,
    immutable: false,
    readers: 2,
    maxQueue: 64,
    maxMemory: 512,
    maxGrowth: 64,
    busyTimeout: 1000,
    importDir: null,
    exportDir: null,
    backupDir: null,
    log: quiet,
    ...config,
  });
  const run: TestPool["run"] = (job, { signal, deadlineMs, principalId } = {}) =>
    pool.run(job, { signal: signal ?? new AbortController().signal, deadlineMs: deadlineMs ?? 20_000, principalId });
  return {
    pool,
    run,
    rows: async (sql, options) =>
      (await run<"query">({ kind: "query", sql, limits, database: options?.database }, options)).rows,
    write: (sql, options) => run<"write">({ ...writing(sql), database: options?.database }, options),
    failure: async (job, options) => {
      try {
        await run(job, options);
      } catch (error) {
        if (error instanceof FailureError) return `${error.message} ${error.failure.next}`;
        throw error;
      }
      return "succeeded";
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

export function reading(sql: string): JobOf<"query"> {
  return { kind: "query", sql, limits };
}

export function writing(sql: string): JobOf<"write"> {
  return { kind: "write", sql, dryRun: false, maxAffectedRows: 0, limits };
}

/** Engine processes of a process, found in the process table. */
export function enginesOf(parent: number = process.pid): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isEngineOf(pid, parent));
}

/** True while a process exists and is not merely waiting to be collected. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && stateOf(pid) !== "Z";
}

/** Waits until a condition holds; fails when it does not within the time. */
export async function until(condition: () => boolean, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - start;
}

function isEngineOf(pid: number, parent: number): boolean {
  try {
    const isChild = statFields(pid)[1] === String(parent);
    return isChild && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("engine-entry") && isAlive(pid);
  } catch {
    return false;
  }
}

function stateOf(pid: number): string | undefined {
  try {
    return statFields(pid)[0];
  } catch {
    return "Z";
  }
}

/** Fields of /proc/<pid>/stat from the state on; the program's name before them may hold anything. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
