import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { createDatabase, enginesOf, inspect, limits, openPool, reading, scratch } from "./engine-fixture.ts";

const shop = `
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT);
  INSERT INTO customers VALUES (1, 'Ada', 'north'), (2, 'Bo', NULL);
`;

it("starts no process before the first job", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("shop.db"), shop));

  const before = enginesOf();
  await engines.rows("SELECT 1");

  expect(before).toEqual([]);
  expect(enginesOf().length).toBeGreaterThan(0);
});

it("answers rows with columns, declared types and origins", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("shop.db"), shop));

  const answer = await engines.run<"query">({
    kind: "query",
    sql: "SELECT id, upper(name) AS loud, region FROM customers WHERE id >= ? ORDER BY id",
    params: [1],
    limits,
  });

  expect(answer).toMatchObject({
    columns: [
      { name: "id", type: "INTEGER", table: "customers" },
      { name: "loud", type: null, table: null },
      { name: "region", type: "TEXT", table: "customers" },
    ],
    rows: [
      [1, "ADA", "north"],
      [2, "BO", null],
    ],
    row_count: 2,
    truncated: false,
    next_offset: null,
  });
});

it("binds whole numbers as integers, so that a text column holds them without a fraction", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("shop.db"), shop));

  const { rows } = await engines.run<"query">({
    kind: "query",
    sql: "SELECT typeof(?1), typeof(?2), CAST(?1 AS TEXT), ?1 + 0",
    params: [5, 2.5],
    limits,
  });

  expect(rows).toEqual([["integer", "real", "5", 5]]);
});

it.each([
  ["no such table", "SELECT * FROM custmers", /^TABLE_NOT_FOUND: no such table: custmers\. Did you mean "customers"\?/],
  ["a write that the gate would have let pass", "WITH x AS (SELECT 1) DELETE FROM customers", /^NOT_READ_ONLY: /],
  ["a returning write", "WITH x AS (SELECT 1) DELETE FROM customers RETURNING *", /^NOT_READ_ONLY: /],
  ["a second statement", "SELECT 1; SELECT 2", /^MULTIPLE_STATEMENTS: /],
  ["missing parameters", "SELECT ?", /^INVALID_PARAMS: /],
  ["SQLite's own mistakes", "SELECT nope FROM customers", /^SQLITE_ERROR: no such column: nope\./],
  ["functions that are not authorised", "SELECT load_extension('x')", /^SQLITE_ERROR: not authorized/],
  ["PRAGMA even behind a broken gate", "PRAGMA query_only=0", /^STATEMENT_NOT_ALLOWED: /],
  ["ATTACH even behind a broken gate", "ATTACH '/tmp/x.db' AS x", /^STATEMENT_NOT_ALLOWED: /],
  ["VACUUM INTO even behind a broken gate", "VACUUM INTO '/tmp/x.db'", /^STATEMENT_NOT_ALLOWED: /],
])("refuses %s and leaves file, folder and the next query as they were", async (_, sql, message) => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("shop.db"), shop);
  const before = [createHash("sha256").update(readFileSync(file)).digest("hex"), readdirSync(folder.path)];
  await using engines = await openPool(file);

  const failure = await engines.failure(reading(sql));

  expect(failure).toMatch(message);
  expect(await engines.rows("SELECT count(*) FROM customers")).toEqual([[2]]);
  expect([createHash("sha256").update(readFileSync(file)).digest("hex"), readdirSync(folder.path)]).toEqual(before);
});

it("sees columns that were added after the statement was prepared", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("shop.db"), shop);
  await using engines = await openPool(file, { readers: 1 });
  await engines.rows("SELECT * FROM customers WHERE id = 1");

  inspect(file, "SELECT 1");
  const other = new Database(file);
  other.exec("ALTER TABLE customers ADD COLUMN since TEXT DEFAULT 'now'");
  other.close();
  const answer = await engines.run<"query">(reading("SELECT * FROM customers WHERE id = 1"));

  expect(answer.columns.map(({ name }) => name)).toEqual(["id", "name", "region", "since"]);
  expect(answer.rows).toEqual([[1, "Ada", "north", "now"]]);
});

it("lets no view of a hostile file reach what its own SQL may not, while full-text search still works", async () => {
  await using folder = await scratch();
  const file = createDatabase(
    folder.file("hostile.db"),
    `CREATE TABLE notes (body);
     CREATE VIRTUAL TABLE words USING fts5(body, content=notes);
     CREATE TRIGGER indexed AFTER INSERT ON notes BEGIN INSERT INTO words (rowid, body) VALUES (new.rowid, new.body); END;
     INSERT INTO notes VALUES ('alpha beta');
     CREATE VIEW paths AS SELECT file FROM pragma_database_list;`,
  );
  await using engines = await openPool(file, { readWrite: true });

  const unsafe = await engines.failure(reading("SELECT * FROM paths"));
  await engines.write("INSERT INTO notes VALUES ('beta gamma')");
  const found = await engines.rows("SELECT body FROM words WHERE words MATCH 'beta' ORDER BY rowid");

  expect(unsafe).toMatch(/^SQLITE_ERROR: unsafe use of virtual table/);
  expect(found).toEqual([["alpha beta"], ["beta gamma"]]);
});

it("explains a write without running it", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("shop.db"), shop);
  await using engines = await openPool(file);

  const plan = await engines.run<"explain">({
    kind: "explain",
    sql: "DELETE FROM customers WHERE name = ?",
    bytecode: false,
  });
  const rows = await engines.run<"query">({
    ...reading("EXPLAIN QUERY PLAN DELETE FROM customers WHERE id = 1"),
    explained: true,
  });

  expect(plan).toMatchObject({ full_scans: ["customers"], tables_written: ["customers"] });
  expect(rows.row_count).toBe(1);
  expect(inspect(file, "SELECT count(*) FROM customers")).toEqual([[2]]);
});

it("reads from a reader, which cannot write, also in read-write mode", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("shop.db"), shop), { readWrite: true });

  const failure = await engines.failure({ kind: "query", sql: "WITH x AS (SELECT 1) DELETE FROM customers", limits });
  const [row] = await engines.rows("SELECT * FROM pragma_user_version");

  expect(failure).toMatch(/^NOT_READ_ONLY/);
  expect(row).toEqual([0]);
});

it("answers errors, never a dead engine, for a damaged file", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("shop.db"), `${shop} CREATE INDEX by_name ON customers(name);`);
  const { writeFileSync } = await import("node:fs");
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4096);
  bytes.fill(0xff, 120, 400);
  writeFileSync(file, bytes);
  await using engines = await openPool(file);

  const failure = await engines.failure(reading("SELECT * FROM customers"));
  const schema = await engines.failure({
    kind: "list_tables",
    includeViews: true,
    includeSystem: true,
    counts: true,
  });

  expect(failure).toMatch(/^(SQLITE_CORRUPT|SQLITE_ERROR|TABLE_NOT_FOUND)/);
  expect(schema).toMatch(/^(SQLITE_CORRUPT|succeeded)/);
});
