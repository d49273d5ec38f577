import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect, it } from "vitest";
import { createDatabase, endless, enginesOf, inspect, openPool, reading, scratch, writing } from "./engine-fixture.ts";

const items = "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items (name) VALUES ('a'), ('b');";
const many = `${endless} INSERT INTO items (name) SELECT x FROM c LIMIT 3000;`;

it.each([
  ["an endless recursion", `${endless} SELECT count(*) FROM c`, /^TIMEOUT: /],
  ["an endless sort", `${endless} SELECT x FROM c ORDER BY random()`, /^(TIMEOUT|MEMORY_LIMIT): /],
  ["an endless concatenation", `${endless} SELECT group_concat(x) FROM c`, /^(TIMEOUT|MEMORY_LIMIT): /],
  ["a huge value", "SELECT hex(zeroblob(250000000))", /^MEMORY_LIMIT: /],
  ["a cross join", "SELECT count(*) FROM items a, items b, items c WHERE a.name < b.name", /^TIMEOUT: /],
])("ends %s while the main process stays responsive, and the next query works", async (_, sql, code) => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items + many), { maxMemory: 256 });
  await engines.rows("SELECT 1");
  using delay = responsiveness();

  const failure = await engines.failure(reading(sql), { deadlineMs: 1500 });

  expect(failure).toMatch(code);
  expect(delay.worst()).toBeLessThan(500);
  expect(await engines.rows("SELECT count(*) FROM items")).toEqual([[3002]]);
});

it("gives the first rows of an endless result", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items));

  const answer = await engines.run<"query">({
    ...reading(`${endless} SELECT x FROM c`),
    limits: { rows: 3, bytes: 65_536, cell: 100, offset: 2 },
  });

  expect(answer).toMatchObject({ rows: [[3], [4], [5]], truncated_by: ["rows"], next_offset: 5 });
});

it("never runs a view to list, describe, search or count it, and profiles only its first rows", async () => {
  await using folder = await scratch();
  const view = `CREATE VIEW numbers AS ${endless} SELECT x FROM c; CREATE VIEW count AS ${endless} SELECT count(*) AS n FROM c;`;
  await using engines = await openPool(createDatabase(folder.file("x.db"), items + view));

  const list = await engines.run<"list_tables">({
    kind: "list_tables",
    includeViews: true,
    includeSystem: true,
    counts: true,
  });
  const described = await engines.run<"describe_table">({ kind: "describe_table", table: "count" });
  const profile = await engines.run<"profile_table">({
    kind: "profile_table",
    table: "numbers",
    sampleRows: 100,
    maxCell: 100,
  });

  expect(list.tables.find(({ name }) => name === "numbers")).toMatchObject({ type: "view", columns: 1, rows: null });
  expect(described.columns.map(({ name }) => name)).toEqual(["n"]);
  expect(profile).toMatchObject({ row_count: 100, row_count_exact: false, columns: [{ distinct: 100, max: 100 }] });
});

it("answers BUSY at the busy timeout while another process holds the lock", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using holder = await lockedBy(file);
  await using engines = await openPool(file, { busyTimeout: 300 });
  await engines.failure(reading("SELECT 1 FROM items"));
  const start = performance.now();

  const failure = await engines.failure(reading("SELECT * FROM items"));

  const waited = performance.now() - start;
  expect(failure).toMatch(/^BUSY: /);
  expect(waited).toBeGreaterThan(250);
  expect(waited).toBeLessThan(2000);
  await holder.release();
  expect(await engines.rows("SELECT count(*) FROM items")).toEqual([[2]]);
});

it("answers BUSY rather than TIMEOUT when the lock outlasts a short deadline", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { busyTimeout: 60_000 });
  await engines.rows("SELECT 1");
  await using _holder = await lockedBy(file);

  const failure = await engines.failure(reading("SELECT * FROM items"), { deadlineMs: 600 });

  expect(failure).toMatch(/^BUSY: /);
});

it("sends 200 runaways of one caller into TIMEOUT or OVERLOADED and serves another caller by the deadline", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items), { maxQueue: 20 });
  await engines.rows("SELECT 1");
  using delay = responsiveness();

  const runaways = Array.from({ length: 200 }, () =>
    engines.failure(reading(`${endless} SELECT count(*) FROM c`), { deadlineMs: 1000, principalId: "greedy" }),
  );
  const start = performance.now();
  const rows = await engines.rows("SELECT count(*) FROM items", { principalId: "modest", deadlineMs: 10_000 });
  const waited = performance.now() - start;
  const codes = (await Promise.all(runaways)).map((text) => text.split(":")[0]);

  expect(rows).toEqual([[2]]);
  expect(waited).toBeLessThan(2000);
  expect(new Set(codes)).toEqual(new Set(["OVERLOADED", "TIMEOUT"]));
  expect(codes.filter((code) => code === "TIMEOUT").length).toBeGreaterThanOrEqual(20);
  expect(delay.worst()).toBeLessThan(500);
});

it("answers short queries quickly while one reader is stuck", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items));
  const runaway = engines.failure(reading(`${endless} SELECT count(*) FROM c`), { deadlineMs: 4000 });
  await engines.rows("SELECT 1");

  const times: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const start = performance.now();
    await engines.rows("SELECT name FROM items WHERE id = 2");
    times.push(performance.now() - start);
  }

  expect(times.toSorted((a, b) => a - b)[197]).toBeLessThan(50);
  expect(await runaway).toMatch(/^TIMEOUT: /);
});

it("says that a call was still waiting when its deadline passed in the queue", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items), { readers: 1 });
  await engines.rows("SELECT 1");

  const runaway = engines.failure(reading(`${endless} SELECT count(*) FROM c`), { deadlineMs: 1500 });
  const waiting = await engines.failure(reading("SELECT 1"), { deadlineMs: 200 });

  expect(waiting).toMatch(/^TIMEOUT: .*waiting/);
  expect(await runaway).toMatch(/^TIMEOUT: the statement was stopped/);
});

it("keeps the old content when an endless insert meets the growth cap or the deadline", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true, maxGrowth: 4 });
  const insert = writing(`${endless} INSERT INTO items (name) SELECT x FROM c`);

  const full = await engines.failure(insert);
  const late = await engines.failure({ ...insert, sql: `${insert.sql} WHERE x < 0` }, { deadlineMs: 700 });

  expect(full).toMatch(/^SQLITE_FULL: .*--max-growth/);
  expect(late).toMatch(/^TIMEOUT: .*rolled back/);
  expect(await engines.rows("SELECT count(*) FROM items")).toEqual([[2]]);
  expect(inspect(file, "PRAGMA integrity_check")).toEqual([["ok"]]);
});

it("kills a growing engine close to the memory cap", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items), { maxMemory: 256 });
  await engines.rows("SELECT 1");
  let peak = 0;
  const { readFileSync } = await import("node:fs");
  const timer = setInterval(() => {
    for (const pid of enginesOf()) {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }
  }, 2);

  const failure = await engines.failure(reading(`${endless} SELECT group_concat(x || 'xxxxxxxxxxxxxxxx') FROM c`));

  clearInterval(timer);
  expect(failure).toMatch(/^MEMORY_LIMIT: /);
  expect(peak).toBeLessThan(256 * 1.25);
});

/** The longest time the main thread was away since it was made. */
function responsiveness(): Disposable & { worst(): number } {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  return { worst: () => histogram.max / 1e6, [Symbol.dispose]: () => void histogram.disable() };
}

/** Another process that holds an EXCLUSIVE lock until it is released. */
async function lockedBy(file: string): Promise<AsyncDisposable & { release(): Promise<void> }> {
  const driver = createRequire(import.meta.url).resolve("better-sqlite3");
  const code = `
    const database = new (require(${JSON.stringify(driver)}))(${JSON.stringify(file)});
    database.exec("BEGIN EXCLUSIVE");
    process.stdout.write("locked");
    process.stdin.on("end", () => process.exit()).resume();`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  const release = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  return { release, [Symbol.asyncDispose]: release };
}
