import { bytes, duration, KitError, option, path } from "@bothways/kit";
import { z } from "zod";
import type { NamedDatabase } from "./engine/pool.ts";
import { databaseName, nameFromPath } from "./sql/names.ts";

const kib = 1024;
const mib = 1024 * kib;

const milliseconds = (min: number, max: number) => duration({ min, max, plain: "ms" });
const count = (min: number, max: number) => z.number().int().min(min).max(max);

/** The options of this server, beside those of the kit. Durations in ms, `maxMemory` and `maxGrowth` in MiB. */
export const options = z.object({
  dbPath: option(path().optional(), {
    positional: true,
    placeholder: "<path>",
    describe: "One database file; its name is the file's name without extension.",
  }),
  db: option(z.array(z.string().min(1)).default([]), {
    multiple: true,
    placeholder: "<name>=<path>",
    describe: "A named database; may repeat. The first database is the default one.",
  }),
  allowDir: option(z.array(path()).default([]), {
    multiple: true,
    placeholder: "<dir>",
    describe: "Any .db, .sqlite, .sqlite3 or .db3 file below it may be named by its relative path.",
  }),
  readWrite: option(z.boolean().default(false), {
    describe: "Add the tools that change data. Without it nothing can write.",
  }),
  create: option(z.boolean().default(false), {
    describe: "Create a database file that does not exist (with --read-write).",
  }),
  immutable: option(z.boolean().default(false), {
    describe: "Open files as unchanging: for read-only media, when nobody writes.",
  }),
  queryTimeout: option(milliseconds(100, 600_000).default(10_000), {
    placeholder: "<ms>",
    describe: "Deadline of one call, waiting included.",
  }),
  maxRows: option(count(1, 10_000).default(1000), { describe: "Most rows of one answer." }),
  maxBytes: option(bytes({ min: 1, max: 16 * mib }).default(64 * kib), {
    describe: "Most JSON bytes of rows per call.",
  }),
  maxCell: option(count(1, 16 * mib).default(4096), { describe: "Most characters of one text cell." }),
  maxSql: option(bytes({ min: 1, max: mib }).default(100_000), { describe: "Longest SQL statement in UTF-8." }),
  maxMemory: option(count(64, 1_048_576).default(512), {
    placeholder: "<MiB>",
    describe: "Memory of one engine process; beyond it the query is killed.",
  }),
  maxGrowth: option(count(0, 1_048_576).default(1024), {
    placeholder: "<MiB>",
    describe: "What one write may add to the file; 0 means no cap.",
  }),
  busyTimeout: option(milliseconds(0, 600_000).default(5000), {
    placeholder: "<ms>",
    describe: "How long to wait for another process's lock.",
  }),
  maxAffectedRows: option(count(0, Number.MAX_SAFE_INTEGER).default(10_000), {
    describe: "Most rows one write may change, triggers included; 0 means no ceiling.",
  }),
  readers: option(count(1, 8).default(2), { describe: "Reader processes." }),
  maxQueue: option(count(0, 10_000).default(64), { describe: "Calls that may wait for an engine." }),
  confirm: option(z.boolean().default(false), { describe: "Ask the user before destructive writes." }),
  queries: option(path().optional(), {
    placeholder: "<file>",
    describe: "Saved queries (YAML or JSON); each becomes a tool.",
  }),
  importDir: option(path().optional(), { placeholder: "<dir>", describe: "Directory import_csv may read files from." }),
  exportDir: option(path().optional(), {
    placeholder: "<dir>",
    describe: "Adds export_query, which writes files here.",
  }),
  backupDir: option(path().optional(), {
    placeholder: "<dir>",
    describe: "Adds backup_database, which writes files here.",
  }),
  showPaths: option(z.boolean().default(false), { describe: "Let list_databases show absolute paths." }),
});

/** The values of `options`, as `serve` takes them. */
export type SqliteOptions = z.output<typeof options>;

/**
 * The configured databases in order; the first one is the default.
 *
 * @throws {KitError} `ERR_OPTION_INVALID` for a bad or repeated name.
 */
export function databasesOf({ dbPath, db }: Pick<SqliteOptions, "dbPath" | "db">): NamedDatabase[] {
  const byPath = dbPath === undefined ? [] : [{ name: nameFromPath(dbPath), path: dbPath, source: "--db-path" }];
  const databases = [...byPath, ...db.map(parseNamed)];
  const names = new Set<string>();
  for (const { name, source } of databases) {
    if (names.has(name)) {
      throw new KitError(
        "ERR_OPTION_INVALID",
        `Two databases are called "${name}"; give one another name with ${source === "--db-path" ? "--db" : source}.`,
      );
    }
    names.add(name);
  }
  return databases;
}

/**
 * Checks what no single option can tell.
 *
 * @throws {KitError} `ERR_OPTION_MISSING`, `ERR_OPTION_CONFLICT` or `ERR_OPTION_INVALID`, naming the flags.
 */
export function checkOptions(values: SqliteOptions): void {
  if (databasesOf(values).length === 0 && values.allowDir.length === 0) {
    throw new KitError(
      "ERR_OPTION_MISSING",
      "No database is configured; give a path, --db <name>=<path> or --allow-dir <dir>.",
    );
  }
  if (values.create && !values.readWrite) {
    throw new KitError("ERR_OPTION_CONFLICT", "--create needs --read-write; add it or leave --create out.");
  }
  if (values.immutable && values.readWrite) {
    throw new KitError("ERR_OPTION_CONFLICT", "--immutable excludes --read-write; keep one of them.");
  }
}

function parseNamed(text: string): NamedDatabase {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(at, 0));
  const file = text.slice(at + 1);
  if (at === -1 || !databaseName.test(name) || file === "") {
    throw new KitError(
      "ERR_OPTION_INVALID",
      `--db takes <name>=<path>, where the name matches ${databaseName.source}; for example --db shop=/data/shop.db.`,
    );
  }
  return { name, path: file, source: "--db" };
}
