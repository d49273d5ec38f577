import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, it } from "vitest";
import { createDatabase, inspect, openPool, reading, scratch, writing } from "./engine-fixture.ts";

const one = "CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('one');";
const two = "CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('two');";

it("never serves a file that was replaced by rename from the old handle", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), one);
  await using engines = await openPool(file, { readers: 1 });
  const answers: unknown[] = [await engines.rows("SELECT x FROM t")];

  for (let round = 0; round < 5; round += 1) {
    const next = createDatabase(folder.file("next.db"), `CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('${round}');`);
    renameSync(next, file);
    answers.push(await engines.rows("SELECT x FROM t"));
  }

  expect(answers).toEqual([[["one"]], [["0"]], [["1"]], [["2"]], [["3"]], [["4"]]]);
});

it("writes to the file that the path names now", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), one);
  await using engines = await openPool(file, { readWrite: true });
  await engines.write("INSERT INTO t VALUES ('first')");
  renameSync(file, folder.file("old.db"));
  createDatabase(file, two);

  await engines.write("INSERT INTO t VALUES ('second')");

  expect(inspect(folder.file("old.db"), "SELECT x FROM t")).toEqual([["one"], ["first"]]);
  expect(inspect(file, "SELECT x FROM t")).toEqual([["two"], ["second"]]);
});

it("refuses a link that leads out of the directory, also when it is swapped in later", async () => {
  await using folder = await scratch();
  await using outside = await scratch();
  const file = createDatabase(folder.file("x.db"), one);
  const secret = createDatabase(outside.file("secret.db"), two);
  await using engines = await openPool(file);
  await engines.rows("SELECT x FROM t");

  rmSync(file);
  symlinkSync(secret, file);

  expect(await engines.failure(reading("SELECT x FROM t"))).toMatch(/^PATH_DENIED: /);
});

it("follows a link that stays inside the directory", async () => {
  await using folder = await scratch();
  createDatabase(folder.file("v1.db"), one);
  createDatabase(folder.file("v2.db"), two);
  symlinkSync("v1.db", folder.file("current.db"));
  await using engines = await openPool(folder.file("current.db"));
  const before = await engines.rows("SELECT x FROM t");

  rmSync(folder.file("current.db"));
  symlinkSync("v2.db", folder.file("current.db"));

  expect([before, await engines.rows("SELECT x FROM t")]).toEqual([[["one"]], [["two"]]]);
});

it("says so when the file is gone, became a folder or lost its header", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), one);
  await using engines = await openPool(file);
  await engines.rows("SELECT x FROM t");

  rmSync(file);
  const gone = await engines.failure(reading("SELECT x FROM t"));
  mkdirSync(file);
  const isFolder = await engines.failure(reading("SELECT x FROM t"));
  rmSync(file, { recursive: true });
  writeFileSync(file, "no database at all, only text");
  const text = await engines.failure(reading("SELECT x FROM t"));
  writeFileSync(file, "");
  const empty = await engines.failure(reading("SELECT x FROM t"));

  expect(gone).toMatch(/^DATABASE_NOT_FOUND: /);
  expect(isFolder).toMatch(/^NOT_A_DATABASE: /);
  expect(text).toMatch(/^NOT_A_DATABASE: /);
  expect(empty).toMatch(/^NOT_A_DATABASE: /);
  for (const failure of [gone, isFolder, text, empty]) expect(failure).not.toContain(folder.path);
  expect(readdirSync(folder.path)).toEqual(["x.db"]);
});

it("is never blocked by a FIFO", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), one);
  await using engines = await openPool(file);
  await engines.rows("SELECT x FROM t");
  rmSync(file);
  execFileSync("mkfifo", [file]);
  const start = performance.now();

  const failure = await engines.failure(reading("SELECT x FROM t"));

  expect(failure).toMatch(/^NOT_A_DATABASE: /);
  expect(performance.now() - start).toBeLessThan(2000);
});

it.each([
  ["a missing name", "nope.db", /^DATABASE_NOT_FOUND: /],
  ["a name that climbs out", "../secret.db", /^PATH_DENIED: /],
  ["a name that climbs out and in again", "sub/../../secret.db", /^PATH_DENIED: /],
  ["an absolute path", "/etc/passwd.db", /^PATH_DENIED: /],
  ["another extension", "notes.txt", /^PATH_DENIED: /],
  ["a link that leads out", "link.db", /^PATH_DENIED: /],
  ["a NUL character", "a.db\0.db", /^PATH_DENIED: /],
  ["white space at an end", " a.db", /^PATH_DENIED: /],
  ["a URI", "file:a.db", /^PATH_DENIED: /],
  ["a folder", "folder.db", /^NOT_A_DATABASE: /],
  ["a file of another kind", "text.db", /^NOT_A_DATABASE: /],
  ["an in-memory database", ":memory:", /^PATH_DENIED: /],
])("refuses %s below an allowed directory", async (_, database, message) => {
  await using outside = await scratch();
  mkdirSync(outside.file("allowed/sub"), { recursive: true });
  mkdirSync(outside.file("allowed/folder.db"));
  createDatabase(outside.file("secret.db"), two);
  symlinkSync(outside.file("secret.db"), outside.file("allowed/link.db"));
  writeFileSync(outside.file("allowed/text.db"), "only text, but longer than the header");
  writeFileSync(outside.file("allowed/notes.txt"), "text");
  await using engines = await openPool(undefined, { allowDirs: [outside.file("allowed")], readWrite: true });

  const failure = await engines.failure({ ...reading("SELECT 1"), database });

  expect(failure).toMatch(message);
  expect(failure).not.toContain(outside.path);
  expect(readdirSync(outside.file("allowed")).length).toBe(5);
});

it("opens and lists any database file below an allowed directory by its relative path", async () => {
  await using folder = await scratch();
  mkdirSync(folder.file("2024/q1"), { recursive: true });
  createDatabase(folder.file("2024/q1/sales.sqlite3"), two);
  createDatabase(folder.file("a b.db"), one);
  await using engines = await openPool(undefined, { allowDirs: [folder.path] });

  const listed = await engines.pool.list(10);

  expect(listed.databases.map(({ name }) => name)).toEqual(["2024/q1/sales.sqlite3", "a b.db"]);
  expect(await engines.rows("SELECT x FROM t", { database: "2024/q1/sales.sqlite3" })).toEqual([["two"]]);
  expect(await engines.rows("SELECT x FROM t", { database: "a b.db" })).toEqual([["one"]]);
  expect(await engines.failure(reading("SELECT 1"))).toMatch(/^DATABASE_NOT_FOUND: /);
});

it("serves more databases than it keeps open, and two names for one file", async () => {
  await using folder = await scratch();
  const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
  for (const name of names) createDatabase(folder.file(`${name}.db`), one.replace("one", name));
  const databases = [...names, "again"].map((name) => ({
    name,
    path: folder.file(name === "again" ? "d0.db" : `${name}.db`),
    source: "--db",
  }));
  await using engines = await openPool(undefined, { databases, readers: 1, readWrite: true });

  const first = await Promise.all(names.map((database) => engines.rows("SELECT x FROM t", { database })));
  const second = await Promise.all(names.map((database) => engines.rows("SELECT x FROM t", { database })));
  await engines.write("UPDATE t SET x = 'changed'", { database: "again" });

  expect(first).toEqual(names.map((name) => [[name]]));
  expect(second).toEqual(first);
  expect(await engines.rows("SELECT x FROM t", { database: "d0" })).toEqual([["changed"]]);
});

it("creates a missing file with --create, in WAL, for the first job of any kind", async () => {
  await using folder = await scratch();
  await using engines = await openPool(folder.file("new.db"), { readWrite: true, create: true });
  const atStart = readdirSync(folder.path);

  const tables = await engines.rows("SELECT count(*) FROM sqlite_schema");
  await engines.run<"ddl">({ kind: "ddl", sql: "CREATE TABLE t (x)", dryRun: false });
  const info = await engines.run<"database_info">({ kind: "database_info" });

  expect(atStart).toEqual([]);
  expect(tables).toEqual([[0]]);
  expect(info).toMatchObject({ tables: 1, journal_mode: "wal" });
});

it("turns an empty file into a database with --create, and changes the journal mode of no other", async () => {
  await using folder = await scratch();
  writeFileSync(folder.file("empty.db"), "");
  createDatabase(folder.file("old.db"), one);
  const databases = ["empty", "old"].map((name) => ({ name, path: folder.file(`${name}.db`), source: "--db" }));
  await using engines = await openPool(undefined, { databases, readWrite: true, create: true });

  await engines.run<"ddl">({ kind: "ddl", sql: "CREATE TABLE t (x)", dryRun: false, database: "empty" });
  await engines.write("INSERT INTO t VALUES (1)", { database: "old" });

  expect(inspect(folder.file("empty.db"), "PRAGMA journal_mode")).toEqual([["wal"]]);
  expect(inspect(folder.file("old.db"), "PRAGMA journal_mode")).toEqual([["delete"]]);
});

it("creates a file below an allowed directory for a job that writes, not for one that asks", async () => {
  await using folder = await scratch();
  await using engines = await openPool(undefined, { allowDirs: [folder.path], readWrite: true, create: true });

  const asked = await engines.failure({ ...reading("SELECT 1"), database: "new.db" });
  const afterAsking = readdirSync(folder.path);
  await engines.run<"ddl">({ kind: "ddl", sql: "CREATE TABLE t (x)", dryRun: false, database: "new.db" });

  expect(asked).toMatch(/^DATABASE_NOT_FOUND: /);
  expect(afterAsking).toEqual([]);
  expect(existsSync(folder.file("new.db"))).toBe(true);
});

it("creates nothing through a link that points nowhere", async () => {
  await using folder = await scratch();
  await using outside = await scratch();
  symlinkSync(outside.file("target.db"), folder.file("x.db"));
  await using engines = await openPool(undefined, { allowDirs: [folder.path], readWrite: true, create: true });

  const failure = await engines.failure({ ...writing("INSERT INTO t VALUES (1)"), database: "x.db" });

  expect(failure).toMatch(/^PATH_DENIED: /);
  expect(readdirSync(outside.path)).toEqual([]);
});

it("reads a WAL file with --immutable and without touching the folder", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("odd name ?#%.db"), `PRAGMA journal_mode=WAL; ${one}`);
  chmodSync(file, 0o444);
  await using engines = await openPool(file, { immutable: true });

  const rows = await engines.rows("SELECT x FROM t");

  expect(rows).toEqual([["one"]]);
  expect(readdirSync(folder.path)).toEqual(["odd name ?#%.db"]);
});

it.each([
  ["a missing file", "missing.db", "PATH: there is no file"],
  ["a folder", ".", "it is not a regular file"],
  ["a text file", "text.db", "the file has no SQLite header"],
  ["an empty file", "empty.db", "the file is empty"],
  ["a missing folder", "no/such/x.db", "PATH: there is no"],
])("refuses to start on %s, naming the flag, and creates nothing", async (_, name, message) => {
  await using folder = await scratch();
  writeFileSync(folder.file("text.db"), "this is text and nothing else");
  writeFileSync(folder.file("empty.db"), "");

  await expect(openPool(folder.file(name))).rejects.toMatchObject({
    code: "ERR_OPTION_INVALID",
    message: expect.stringContaining(message),
  });
  expect(readdirSync(folder.path)).toEqual(["empty.db", "text.db"]);
});

it("keeps its locks on an open database when a second name of the same file is opened", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), `PRAGMA journal_mode=WAL; ${one}`);
  const databases = ["a", "b"].map((name) => ({ name, path: file, source: "--db" }));
  await using engines = await openPool(undefined, { databases, readers: 1 });
  await engines.rows("SELECT x FROM t", { database: "a" });
  const before = lockedRanges(file);

  await engines.rows("SELECT x FROM t", { database: "b" });

  // Closing any descriptor of a file drops the process's POSIX locks on it.
  expect(before).toHaveLength(1);
  expect(lockedRanges(file)).toEqual(before);
});

/** POSIX locks of all processes on a file, as the kernel lists them. */
function lockedRanges(file: string): string[] {
  const inode = String(statSync(file).ino);
  const lines = readFileSync("/proc/locks", "utf8").split("\n");
  return lines.filter((line) => line.includes(`:${inode} `)).map((line) => line.replace(/^\d+: /, ""));
}
