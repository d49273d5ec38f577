import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createLogger, FailureError } from "@bothways/kit";
import { type EnginePool, openEngines } from "../engine/pool.ts";
import type { Params, TransactionItem } from "../engine/protocol.ts";
import { createShopData, type Row } from "./shop-data.ts";

const tables = [
  `CREATE TABLE customers(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  country TEXT NOT NULL,
  customer_since TEXT NOT NULL -- ISO 8601 date
) STRICT`,
  `CREATE TABLE products(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  stock INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE orders(
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  ordered_on TEXT NOT NULL, -- ISO 8601 date
  status TEXT NOT NULL CHECK (status IN ('delivered', 'returned', 'cancelled')),
  total_cents INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE order_items(
  order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
  product_id INTEGER NOT NULL REFERENCES products(id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  unit_price_cents INTEGER NOT NULL,
  PRIMARY KEY (order_id, product_id)
) STRICT, WITHOUT ROWID`,
  "CREATE INDEX orders_by_customer ON orders(customer_id)",
  "CREATE INDEX orders_by_day ON orders(ordered_on)",
  `CREATE VIEW monthly_revenue AS
SELECT substr(ordered_on, 1, 7) AS month, count(*) AS orders, sum(total_cents) AS revenue_cents
FROM orders WHERE status = 'delivered' GROUP BY month ORDER BY month`,
];

const rowsPerStatement = 300;
const deadlineMs = 60_000;

/**
 * Creates the demo shop (customers, products, orders; dates as ISO text, money in cents) at a path, through the same
 * engines that serve it. Does nothing when the file exists; two callers at once end with one complete file.
 *
 * @param path Where the file will stand; its directory must exist.
 */
export async function createDemoDatabase(path: string): Promise<void> {
  const target = resolve(path);
  if (existsSync(target)) return;
  const directory = dirname(target);
  const workshop = await mkdtemp(join(directory, ".bothways-demo-"));
  try {
    await using engines = await openWorkshop(join(workshop, "demo.db"), directory);
    await fill(engines);
    await publish(engines, target);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

function openWorkshop(path: string, backupDir: string): Promise<EnginePool> {
  return openEngines({
    databases: [{ name: "demo", path, source: "demo" }],
    allowDirs: [],
    readWrite: true,
    create: true,
    immutable: false,
    readers: 1,
    maxQueue: 8,
    maxMemory: 512,
    maxGrowth: 0,
    busyTimeout: 5000,
    importDir: null,
    exportDir: null,
    backupDir,
    log: createLogger(() => {}, { level: "error", format: "text" }),
  });
}

async function fill(engines: EnginePool): Promise<void> {
  const options = { signal: AbortSignal.timeout(deadlineMs), deadlineMs };
  for (const sql of tables) await engines.run<"ddl">({ kind: "ddl", sql, dryRun: false }, options);
  const statements = Object.entries(createShopData()).flatMap(([table, rows]) => inserts(table, rows));
  const limits = { rows: 1, bytes: 1024, cell: 64, offset: 0 };
  await engines.run<"transaction">(
    { kind: "transaction", statements, dryRun: false, maxAffectedRows: 0, limits },
    options,
  );
  await engines.run<"ddl">({ kind: "ddl", sql: "ANALYZE", dryRun: false }, options);
}

function inserts(table: string, rows: readonly Row[]): TransactionItem[] {
  const statements: TransactionItem[] = [];
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    const part = rows.slice(from, from + rowsPerStatement);
    const values = part.map((row) => `(${row.map(() => "?").join(", ")})`).join(", ");
    const params: Params = part.flat();
    statements.push({ sql: `INSERT INTO ${table} VALUES ${values}`, params, access: "write" });
  }
  return statements;
}

/** A backup is one complete file under a name that was free; the workshop's own file may have a log beside it. */
async function publish(engines: EnginePool, target: string): Promise<void> {
  const options = { signal: AbortSignal.timeout(deadlineMs), deadlineMs };
  try {
    await engines.run<"backup_database">({ kind: "backup_database", fileName: basename(target) }, options);
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof FailureError && existsSync(target))) throw error;
  }
}
