import { join } from "node:path";
import type { Logger } from "@bothways/kit";
import { type EngineConfig, type EnginePool, openEngines } from "../../../../apps/sqlite/src/engine/pool.ts";
import type { Answers, JobOf } from "../../../../apps/sqlite/src/engine/protocol.ts";
import { openDriver } from "./driver.ts";

/** SQL that never ends. */
export const runaway = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

export const pointQuery = "SELECT * FROM items WHERE id = ?";

const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The server's own pool on one file, with the defaults of its flags. */
export function openPool(path: string, config: Partial<EngineConfig> = {}): Promise<EnginePool> {
  return openEngines({
    databases: [{ name: "main", path, source: "PATH" }],
    allowDirs: [],
    readWrite: true,
    create: false,
    immutable: false,
    readers: 2,
    maxQueue: 64,
    maxMemory: 512,
    maxGrowth: 1024,
    busyTimeout: 5000,
    importDir: null,
    exportDir: null,
    backupDir: null,
    log: quiet,
    ...config,
  });
}

/** Runs one read statement with the server's default caps. */
export function read(
  pool: EnginePool,
  sql: string,
  job: Partial<JobOf<"query">> = {},
  options: { readonly signal?: AbortSignal; readonly deadlineMs?: number } = {},
): Promise<Answers["query"]> {
  const limits = { rows: 200, bytes: 65_536, cell: 4096, offset: 0 };
  return pool.run<"query">(
    { kind: "query", sql, limits, ...job },
    { signal: options.signal ?? new AbortController().signal, deadlineMs: options.deadlineMs ?? 30_000 },
  );
}

/** Makes a file with a table `items` of seven columns. */
export function createItems(directory: string, rows: number): string {
  const path = join(directory, `items-${rows}.db`);
  const database = openDriver(path);
  database.exec(
    "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL, stock INTEGER, city TEXT, kind INTEGER, note TEXT)",
  );
  const insert = database.prepare("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)");
  database.transaction(() => {
    for (let id = 0; id < rows; id += 1) {
      insert.run(id, `item ${id}`, id * 1.5, id % 500, `city ${id % 100}`, id % 7, "a short note");
    }
  })();
  database.close();
  return path;
}
