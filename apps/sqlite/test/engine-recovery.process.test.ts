import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { createDatabase, endless, inspect, openPool, quiet, reading, scratch, writing } from "./engine-fixture.ts";

const items = "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items (name) VALUES ('a');";

it.each(["delete", "wal"])(
  "loses no acknowledged write in 100 kills of the writer at random points (%s)",
  async (mode) => {
    await using folder = await scratch();
    const file = createDatabase(
      folder.file("x.db"),
      `PRAGMA journal_mode=${mode}; ${items} CREATE TABLE ballast (round INTEGER, x);
     ${endless} INSERT INTO ballast SELECT 0, hex(randomblob(400)) FROM c LIMIT 2000;`,
    );
    const killed: string[] = [];
    const log = { ...quiet, info: (event: string) => void killed.push(event) };
    await using engines = await openPool(file, { readWrite: true, readers: 1, log });
    let acknowledged = 0;
    let longest = 5;

    for (let round = 1; killed.length < 100; round += 1) {
      await engines.run({ ...writing("INSERT INTO items VALUES (?, 'x')"), params: [round + 1] });
      const cancel = new AbortController();
      const start = performance.now();
      const sql = `UPDATE ballast SET round = ${round}, x = hex(randomblob(400))`;
      const update = engines.run(writing(sql), { signal: cancel.signal });
      // Every point of a write is hit, COMMIT included; now and then it is over before.
      const timer = setTimeout(() => cancel.abort(), Math.random() * longest);
      const [result] = await Promise.allSettled([update]);
      clearTimeout(timer);
      if (result.status === "fulfilled") {
        acknowledged = round;
        longest = Math.min(30, performance.now() - start + 2);
      } else longest *= 1.05;
      const [state] = await engines.rows("SELECT min(round), max(round), (SELECT max(id) FROM items) FROM ballast");
      const [min, max, lastId] = state ?? [];
      // A kill during COMMIT leaves the change made or not made, never half of it.
      expect(min).toBe(max);
      expect([acknowledged, round]).toContain(min);
      acknowledged = Number(min);
      expect(lastId).toBe(round + 1);
    }

    expect(inspect(file, "PRAGMA integrity_check")).toEqual([["ok"]]);
  },
  // Each round starts a process; on a machine with other work to do that takes a while.
  120_000,
);

it("says NEEDS_RECOVERY for the hot journal of a foreign crash in read-only mode", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await crashWhileWriting(file);
  await using engines = await openPool(file);

  const failure = await engines.failure(reading("SELECT count(*) FROM items"));

  expect(existsSync(`${file}-journal`)).toBe(true);
  expect(failure).toMatch(/^NEEDS_RECOVERY: .*--read-write/);
});

it("recovers from the hot journal of a foreign crash in read-write mode, on the first read", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await crashWhileWriting(file);
  await using engines = await openPool(file, { readWrite: true });

  const rows = await Promise.all(Array.from({ length: 5 }, () => engines.rows("SELECT count(*) FROM items")));

  expect(rows).toEqual([[[1]], [[1]], [[1]], [[1]], [[1]]]);
  expect(existsSync(`${file}-journal`)).toBe(false);
});

it("serves other databases while one waits for its recovery", async () => {
  await using folder = await scratch();
  const broken = createDatabase(folder.file("broken.db"), items);
  const fine = createDatabase(folder.file("fine.db"), items);
  await crashWhileWriting(broken);
  const databases = [
    { name: "broken", path: broken, source: "--db" },
    { name: "fine", path: fine, source: "--db" },
  ];
  await using engines = await openPool(undefined, { databases, readWrite: true, readers: 1 });
  const order: string[] = [];

  const first = engines.rows("SELECT count(*) FROM items", { database: "broken" }).then(() => order.push("broken"));
  const second = engines.rows("SELECT count(*) FROM items", { database: "fine" }).then(() => order.push("fine"));
  await Promise.all([first, second]);

  expect(order).toEqual(["fine", "broken"]);
});

it("lets readers go on at once after a writer was stopped by its deadline", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true, maxGrowth: 0 });
  const insert = writing(`${endless} INSERT INTO items SELECT x + 1, hex(randomblob(500)) FROM c`);
  await engines.write("UPDATE items SET name = 'b'");

  const failure = await engines.failure(insert, { deadlineMs: 1500 });
  const rows = await engines.rows("SELECT count(*), max(name) FROM items");

  expect(failure).toMatch(/^TIMEOUT: .*rolled back/);
  expect(rows).toEqual([[1, "b"]]);
});

it("never lies about a write that its deadline stopped: rolled back, committed, or not known", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), `${items} CREATE TABLE ballast (x);`);
  await using engines = await openPool(file, { readWrite: true, readers: 1 });
  await engines.write("UPDATE items SET name = 'warm'");
  const start = performance.now();
  const fill = `${endless} INSERT INTO ballast SELECT hex(randomblob(400)) FROM c LIMIT 2000`;
  await engines.write(fill);
  const usual = performance.now() - start;
  const outcomes = new Set<string>();

  for (let round = 0; round < 40; round += 1) {
    const [before] = await engines.rows("SELECT count(*) FROM ballast");
    // The engine for the write is ready, so that the deadline meets the write and not the start of a process.
    await engines.write("UPDATE items SET name = 'warm'");
    // From far too short to more than enough.
    const deadlineMs = usual * (0.02 + (round / 40) * 1.6);
    const answer = await engines.failure(writing(fill), { deadlineMs });
    const [after] = await engines.rows("SELECT count(*) FROM ballast");
    const added = Number(after?.[0]) - Number(before?.[0]);

    outcomes.add(`${claimOf(answer)}: ${added}`);
  }

  expect(outcomes).toContain("rolled back: 0");
  expect(["committed: 2000", "rolled back: 0", "unknown: 0", "unknown: 2000"]).toEqual(
    expect.arrayContaining([...outcomes]),
  );
});

it("reports a write as committed that was done before its late deadline was noticed", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true });
  await engines.write("UPDATE items SET name = 'warm'");

  const write = engines.failure(writing("INSERT INTO items VALUES (2, 'b')"), { deadlineMs: 300 });
  const end = performance.now() + 500;
  while (performance.now() < end);

  expect(await write).toBe("succeeded");
  expect(inspect(file, "SELECT count(*) FROM items")).toEqual([[2]]);
});

function claimOf(answer: string): string {
  if (answer === "succeeded") return "committed";
  if (answer.includes("committing")) return "unknown";
  return /^TIMEOUT: .*(rolled back|did not run)/.test(answer) ? "rolled back" : answer;
}

/** Another program that dies in the middle of a change that has reached the file. */
async function crashWhileWriting(file: string): Promise<void> {
  const driver = createRequire(import.meta.url).resolve("better-sqlite3");
  const code = `
    const database = new (require(${JSON.stringify(driver)}))(${JSON.stringify(file)});
    database.pragma("cache_size=5");
    database.exec("BEGIN IMMEDIATE; ${endless} INSERT INTO items SELECT x + 1, hex(randomblob(200)) FROM c LIMIT 5000");
    process.stdout.write("written");
    setInterval(() => {}, 1000);`;
  const child: ChildProcess = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  if (child.stdout !== null) await once(child.stdout, "data");
  child.kill("SIGKILL");
  await ended;
}
