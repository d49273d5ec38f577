import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  createDatabase,
  inspect,
  limits,
  openPool,
  reading,
  scratch,
  type TestPool,
  writing,
} from "./engine-fixture.ts";

const shop = `
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE);
  CREATE TABLE lazy (customer INTEGER REFERENCES customers DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE log (entry TEXT);
  CREATE TABLE strictly (n INTEGER CHECK (n > 0)) STRICT;
  CREATE TRIGGER noted AFTER INSERT ON customers BEGIN INSERT INTO log VALUES (new.name); END;
  CREATE TRIGGER stops BEFORE INSERT ON log WHEN new.entry = 'stop' BEGIN SELECT RAISE(ROLLBACK, 'stopped'); END;
  INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bo'), (3, 'Cy');
  INSERT INTO orders (customer) VALUES (1), (1), (2);
`;

async function writable(): Promise<{ file: string; engines: TestPool } & AsyncDisposable> {
  const folder = await scratch();
  const file = createDatabase(folder.file("shop.db"), shop);
  const engines = await openPool(file, { readWrite: true });
  return {
    file,
    engines,
    [Symbol.asyncDispose]: async () => {
      await engines[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

it("reports direct changes and all changes apart, and the last row id", async () => {
  await using db = await writable();

  const inserted = await db.engines.write("INSERT INTO customers (name) VALUES ('Di')");
  const deleted = await db.engines.write("DELETE FROM customers WHERE id = 1");

  expect(inserted).toEqual({
    affected_rows: 1,
    total_changes: 2,
    last_insert_rowid: 4,
    returning: null,
    dry_run: false,
    committed: true,
  });
  expect(deleted).toMatchObject({ affected_rows: 1, total_changes: 3, last_insert_rowid: null });
  expect(inspect(db.file, "SELECT count(*) FROM orders")).toEqual([[1]]);
});

it("gives the rows of RETURNING and does every change when they are cut off", async () => {
  await using db = await writable();

  const answer = await db.engines.run<"write">({
    ...writing("UPDATE customers SET name = name || '!' RETURNING id, name"),
    limits: { ...limits, rows: 2 },
  });

  expect(answer).toMatchObject({
    affected_rows: 3,
    returning: {
      rows: [
        [1, "Ada!"],
        [2, "Bo!"],
      ],
      truncated: true,
    },
    committed: true,
  });
  expect(inspect(db.file, "SELECT count(*) FROM customers WHERE name LIKE '%!'")).toEqual([[3]]);
});

it("does the same work in a dry run, and then leaves the file byte for byte as it was", async () => {
  await using db = await writable();
  const hash = () => createHash("sha256").update(readFileSync(db.file)).digest("hex");
  const before = hash();

  const answer = await db.engines.run<"write">({
    ...writing("DELETE FROM customers WHERE id <= 2 RETURNING name"),
    dryRun: true,
  });

  expect(answer).toMatchObject({
    affected_rows: 2,
    total_changes: 5,
    returning: { rows: [["Ada"], ["Bo"]] },
    dry_run: true,
    committed: false,
  });
  expect(hash()).toBe(before);
});

it.each([
  ["INSERT INTO customers (name) VALUES ('Ada')", /^SQLITE_CONSTRAINT_UNIQUE: UNIQUE constraint failed/],
  ["INSERT INTO strictly VALUES (0)", /^SQLITE_CONSTRAINT_CHECK: /],
  ["INSERT INTO strictly VALUES ('x')", /^SQLITE_CONSTRAINT_DATATYPE: /],
  ["INSERT INTO orders (customer) VALUES (99)", /^SQLITE_CONSTRAINT_FOREIGNKEY: /],
  ["INSERT INTO lazy VALUES (99)", /^SQLITE_CONSTRAINT_FOREIGNKEY: /],
])("shows the broken constraint of %s in a dry run as in earnest", async (sql, message) => {
  await using db = await writable();

  const tried = await db.engines.failure({ ...writing(sql), dryRun: true });
  const done = await db.engines.failure(writing(sql));

  expect([tried, done]).toEqual([expect.stringMatching(message), expect.stringMatching(message)]);
  expect(inspect(db.file, "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM lazy)")).toEqual([[3, 0]]);
});

it("rolls back a call that would change more rows than allowed, triggers and cascades included", async () => {
  await using db = await writable();

  const failure = await db.engines.failure({ ...writing("DELETE FROM customers"), maxAffectedRows: 5 });
  const allowed = await db.engines.run<"write">({ ...writing("DELETE FROM customers"), maxAffectedRows: 6 });

  expect(failure).toMatch(/^AFFECTED_ROWS_EXCEEDED: 6 rows would change, limit 5/);
  expect(allowed).toMatchObject({ total_changes: 6, committed: true });
});

it("runs a transaction as one: counts, rows of reads, and all or nothing", async () => {
  await using db = await writable();
  const statements = [
    { sql: "INSERT INTO customers (name) VALUES (?)", params: ["Di"], access: "write" },
    { sql: "SELECT count(*) FROM customers", access: "read" },
    { sql: "DELETE FROM orders WHERE customer = :c", params: { c: 2 }, access: "write" },
  ] as const;

  const answer = await db.engines.run<"transaction">({
    kind: "transaction",
    statements,
    dryRun: false,
    maxAffectedRows: 0,
    limits,
  });
  const failure = await db.engines.failure({
    kind: "transaction",
    statements: [
      { sql: "DELETE FROM log", access: "write" },
      { sql: "INSERT INTO customers (name) VALUES ('Ada')", access: "write" },
    ],
    dryRun: false,
    maxAffectedRows: 0,
    limits,
  });

  expect(answer).toMatchObject({
    results: [
      { index: 0, affected_rows: 1 },
      { index: 1, affected_rows: 0, returning: { rows: [[4]] } },
      { index: 2, affected_rows: 1 },
    ],
    total_changes: 3,
    committed: true,
  });
  expect(failure).toMatch(/^SQLITE_CONSTRAINT_UNIQUE: statement 1: /);
  expect(inspect(db.file, "SELECT count(*) FROM log")).toEqual([[4]]);
});

it.each([
  ["INSERT OR ROLLBACK INTO customers (name) VALUES ('Ada')", /^SQLITE_CONSTRAINT_UNIQUE: statement 1/],
  ["INSERT INTO log VALUES ('stop')", /^SQLITE_CONSTRAINT_TRIGGER: statement 1: stopped/],
])("commits nothing after %s ended the transaction early", async (sql, message) => {
  await using db = await writable();

  const failure = await db.engines.failure({
    kind: "transaction",
    statements: [
      { sql: "DELETE FROM orders", access: "write" },
      { sql, access: "write" },
      { sql: "DELETE FROM customers", access: "write" },
    ],
    dryRun: false,
    maxAffectedRows: 0,
    limits,
  });

  expect(failure).toMatch(message);
  expect(inspect(db.file, "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM customers)")).toEqual([[3, 3]]);
});

it.each([
  ["SELECT 1", /^STATEMENT_NOT_ALLOWED: /],
  ["WITH x AS (SELECT 1) SELECT * FROM x", /^NOT_A_WRITE: /],
  ["INSERT INTO log VALUES (1); DROP TABLE log", /^MULTIPLE_STATEMENTS: /],
  ["DROP TABLE log", /^STATEMENT_NOT_ALLOWED: /],
  ["PRAGMA user_version=7", /^STATEMENT_NOT_ALLOWED: /],
  ["UPDATE sqlite_schema SET sql = ''", /^SQLITE_ERROR: table sqlite_master may not be modified/],
  ["DELETE FROM nowhere", /^TABLE_NOT_FOUND: /],
])("refuses %s as a write and leaves the file as it was", async (sql, message) => {
  await using db = await writable();
  const before = readFileSync(db.file);

  const failure = await db.engines.failure(writing(sql));

  expect(failure).toMatch(message);
  expect(readFileSync(db.file).equals(before)).toBe(true);
});

it("says what a change of the schema did, and undoes it in a dry run", async () => {
  await using db = await writable();
  const ddl = (sql: string, dryRun = false) => db.engines.run<"ddl">({ kind: "ddl", sql, dryRun });

  const tried = await ddl("DROP TABLE log", true);
  const added = await ddl("ALTER TABLE log ADD COLUMN at TEXT");
  const index = await ddl("CREATE INDEX by_entry ON log (entry)");
  const again = await ddl("CREATE TABLE IF NOT EXISTS log (x)");

  expect(tried).toMatchObject({
    committed: false,
    schema_diff: [
      { change: "removed", type: "table", name: "log" },
      { change: "removed", type: "trigger", name: "stops" },
    ],
  });
  expect(added.schema_diff).toEqual([
    {
      change: "changed",
      type: "table",
      name: "log",
      sql_before: "CREATE TABLE log (entry TEXT)",
      sql_after: "CREATE TABLE log (entry TEXT, at TEXT)",
    },
  ]);
  expect(index).toMatchObject({ committed: true, schema_diff: [{ change: "added", type: "index", name: "by_entry" }] });
  expect(again).toEqual({ schema_diff: [], committed: true });
});

it("gives row ids beyond 2^53 as text", async () => {
  await using db = await writable();

  const answer = await db.engines.run<"write">({
    ...writing("INSERT INTO customers VALUES (?, 'far')"),
    params: [{ $int: "9223372036854775807" }],
  });

  expect(answer.last_insert_rowid).toBe("9223372036854775807");
});

it("lets readers see a change as soon as it is acknowledged", async () => {
  await using db = await writable();

  for (let round = 0; round < 20; round += 1) {
    await db.engines.write(`INSERT INTO customers (name) VALUES ('n${round}')`);
    expect(await db.engines.rows("SELECT count(*) FROM customers")).toEqual([[4 + round]]);
  }
});

it("offers writes nowhere on a read-only connection", async () => {
  await using db = await writable();

  const [state] = await db.engines.rows("SELECT (SELECT count(*) FROM pragma_table_list WHERE schema = 'temp')");
  const temp = await db.engines.failure(reading("WITH x AS (SELECT 1) INSERT INTO temp.z SELECT * FROM x"));

  expect(state).toEqual([1]);
  expect(temp).toMatch(/^(TABLE_NOT_FOUND|SQLITE_ERROR|NOT_READ_ONLY): /);
});
