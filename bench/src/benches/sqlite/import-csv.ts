import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, type BenchRoom, defineBench } from "../../harness/define-bench.ts";
import { type Driver, openDriver } from "./driver.ts";
import { openPool } from "./engines.ts";

const lines = 200_000;
const table = "CREATE TABLE people (id INTEGER, name TEXT, score REAL, note TEXT)";

type Records = readonly (readonly string[])[];

export const sqliteImport: Bench = defineBench({
  name: "sqlite",
  title: "200,000 CSV records into a table",
  metrics: { rate: { title: "rows", unit: "per-second" } },
  sides: { "hand-written prepared loop": byHand, import_csv: byTool },
  prepare: async ({ scratch }) => {
    const records: Records = Array.from({ length: lines }, (_, index) => {
      return [String(index), `name ${index}`, String(index * 1.5), `quoted, text ${index}`];
    });
    const text = records.map(([id, name, score, note]) => `${id},${name},${score},"${note}"`).join("\n");
    writeFileSync(join(scratch, "people.csv"), `id,name,score,note\n${text}\n`);
    return { records, [Symbol.asyncDispose]: async () => {} };
  },
  measure: async (side, room) => ({ rate: (lines / (await side(room))) * 1000 }),
  ratios: [{ of: "import_csv", to: "hand-written prepared loop", metric: "rate", direction: "at-least", target: 0.5 }],
});

interface Shared extends AsyncDisposable {
  readonly records: Records;
}

/** Records that are parsed already: only the inserting is timed. */
async function byHand({ scratch, shared }: BenchRoom<Shared>): Promise<number> {
  const database = emptyTable(join(scratch, "by-hand.db"));
  const start = performance.now();
  const insert = database.prepare("INSERT INTO people VALUES (?, ?, ?, ?)");
  database.transaction(() => {
    for (const [id, name, score, note] of shared.records) insert.run(id, name, score, note);
  })();
  const time = performance.now() - start;
  database.close();
  return time;
}

/** Reading, parsing and inserting, through the pool. */
async function byTool({ scratch }: BenchRoom<Shared>): Promise<number> {
  const path = join(scratch, "by-tool.db");
  emptyTable(path).close();
  await using pool = await openPool(path, { importDir: scratch });
  // The writer starts with the first write: its start is not what is measured.
  await pool.run<"ddl">(
    { kind: "ddl", sql: "CREATE TABLE IF NOT EXISTS people (id)", dryRun: true },
    { signal: new AbortController().signal, deadlineMs: 30_000 },
  );
  const start = performance.now();
  await pool.run<"import_csv">(
    {
      kind: "import_csv",
      table: "people",
      source: { file: "people.csv" },
      header: true,
      delimiter: ",",
      create: false,
      skipBadLines: false,
      dryRun: false,
      maxAffectedRows: 0,
    },
    { signal: new AbortController().signal, deadlineMs: 120_000 },
  );
  return performance.now() - start;
}

function emptyTable(path: string): Driver {
  const database = openDriver(path);
  database.exec(`DROP TABLE IF EXISTS people; ${table}`);
  return database;
}
