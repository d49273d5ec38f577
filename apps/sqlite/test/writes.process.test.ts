import { afterEach, beforeEach, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";
import { type Session, serveDatabase } from "./session.ts";

let database: TestDatabase;
let session: Session;

beforeEach(async () => {
  database = createDatabase();
  session = await serveDatabase({ dbPath: database.path, readWrite: true, maxAffectedRows: 100 });
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
  database[Symbol.dispose]();
});

const hundredRows = "WITH RECURSIVE c(x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM c WHERE x < 109) ";

it("commits a write and gives its rows back", async () => {
  const { data } = await session.call("write_query", {
    query: "INSERT INTO customers(name, region) VALUES (:name, 'west') RETURNING id, name",
    params: { name: "Dan" },
  });

  expect(data).toEqual({
    affected_rows: 1,
    total_changes: 1,
    last_insert_rowid: 4,
    returning: {
      columns: [
        { name: "id", type: "INTEGER", table: "customers" },
        { name: "name", type: "TEXT", table: "customers" },
      ],
      rows: [[4, "Dan"]],
      truncated: false,
    },
    dry_run: false,
    committed: true,
  });
  expect(database.rows("SELECT name FROM customers WHERE id = 4")).toEqual([["Dan"]]);
});

it("says in a dry run what would happen and changes nothing", async () => {
  const before = database.rows("SELECT * FROM customers");

  const { data } = await session.call("write_query", {
    query: "UPDATE customers SET region = 'x' RETURNING name",
    dry_run: true,
  });

  expect(data).toMatchObject({ affected_rows: 3, total_changes: 3, dry_run: true, committed: false });
  expect(data).toMatchObject({ returning: { rows: [["Ada"], ["Bob"], ["Cid"]] } });
  expect(database.rows("SELECT * FROM customers")).toEqual(before);
});

it("reports a broken constraint in a dry run as well", async () => {
  const query = "INSERT INTO orders VALUES (9, 999, 1)";

  expect((await session.call("write_query", { query, dry_run: true })).code).toBe("SQLITE_CONSTRAINT_FOREIGNKEY");
  expect((await session.call("write_query", { query })).code).toBe("SQLITE_CONSTRAINT_FOREIGNKEY");
  expect(database.rows("SELECT count(*) FROM orders")).toEqual([[3]]);
});

it.each([
  ["of the call", 99, "limit 99"],
  ["of the server, which a call can only lower", 100_000, "limit 100"],
])("rolls back above the ceiling %s", async (_, ceiling, fact) => {
  const extra = "INSERT INTO customers(id, name) SELECT x, 'n' FROM c UNION ALL SELECT 999, 'n'";
  const { code, text } = await session.call("write_query", { query: hundredRows + extra, max_affected_rows: ceiling });

  expect(code).toBe("AFFECTED_ROWS_EXCEEDED");
  expect(text).toContain("101 rows would change");
  expect(text).toContain(fact);
  expect(database.rows("SELECT count(*) FROM customers")).toEqual([[3]]);
});

it("counts what triggers change against the ceiling", async () => {
  database.exec("CREATE TRIGGER g AFTER UPDATE ON customers BEGIN UPDATE orders SET total = total + 1; END");

  const { code, data } = await session.call("write_query", { query: "UPDATE customers SET region = 'x' WHERE id = 1" });
  const refused = await session.call("write_query", {
    query: "UPDATE customers SET region = 'y'",
    max_affected_rows: 11,
  });

  expect(code).toBe("ok");
  expect(data).toMatchObject({ affected_rows: 1, total_changes: 4 });
  expect(refused.code).toBe("AFFECTED_ROWS_EXCEEDED");
});

it("runs several statements as one transaction", async () => {
  const { data } = await session.call("execute_transaction", {
    statements: [
      { query: "INSERT INTO customers(id, name) VALUES (?, ?)", params: [7, "Gil"] },
      { query: "SELECT count(*) AS n FROM customers" },
      { query: "UPDATE orders SET customer_id = :id", params: { id: 7 } },
    ],
  });

  expect(data).toEqual({
    results: [
      { index: 0, affected_rows: 1 },
      {
        index: 1,
        affected_rows: 0,
        returning: { columns: [{ name: "n", type: null, table: null }], rows: [[4]], truncated: false },
      },
      { index: 2, affected_rows: 3 },
    ],
    total_changes: 4,
    committed: true,
  });
});

it("undoes a transaction when one statement fails, and says which", async () => {
  const before = database.rows("SELECT * FROM customers");

  const { code, text } = await session.call("execute_transaction", {
    statements: [{ query: "DELETE FROM orders" }, { query: "INSERT INTO customers(id, name) VALUES (1, 'again')" }],
  });

  expect(code).toMatch(/^SQLITE_CONSTRAINT/);
  expect(text).toMatch(/statement (#|number )?1\b/);
  expect(database.rows("SELECT * FROM customers")).toEqual(before);
  expect(database.rows("SELECT count(*) FROM orders")).toEqual([[3]]);
});

it("checks every statement of a transaction before it runs any", async () => {
  const { code, text } = await session.call("execute_transaction", {
    statements: [{ query: "DELETE FROM orders" }, { query: "COMMIT" }],
  });

  expect(code).toBe("STATEMENT_NOT_ALLOWED");
  expect(text).toContain("statement 1");
  expect(database.rows("SELECT count(*) FROM orders")).toEqual([[3]]);
});

it("stops when a statement ends the transaction by itself", async () => {
  const { code } = await session.call("execute_transaction", {
    statements: [
      { query: "INSERT INTO customers(id, name) VALUES (50, 'x')" },
      { query: "INSERT OR ROLLBACK INTO customers(id, name) VALUES (1, 'x')" },
      { query: "INSERT INTO customers(id, name) VALUES (51, 'x')" },
    ],
  });

  expect(code).not.toBe("ok");
  expect(database.rows("SELECT count(*) FROM customers")).toEqual([[3]]);
});

it("creates a table once", async () => {
  const query = "CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, body TEXT) STRICT";

  const tried = await session.call("create_table", { query, dry_run: true });
  const first = await session.call("create_table", { query });
  const second = await session.call("create_table", { query });

  expect(tried.data).toEqual({ table: "notes", created: false });
  expect(first.data).toEqual({ table: "notes", created: true });
  expect(second.data).toEqual({ table: "notes", created: false });
});

it("shows what a change of the schema changed", async () => {
  const added = await session.call("alter_schema", { query: "CREATE INDEX by_region ON customers(region)" });
  const tried = await session.call("alter_schema", { query: "ALTER TABLE orders RENAME TO sales", dry_run: true });
  const dropped = await session.call("alter_schema", { query: "DROP TABLE orders" });

  expect(added.data).toEqual({
    schema_diff: [
      {
        change: "added",
        type: "index",
        name: "by_region",
        sql_before: null,
        sql_after: "CREATE INDEX by_region ON customers(region)",
      },
    ],
    committed: true,
  });
  expect(tried.data["committed"]).toBe(false);
  expect(dropped.data).toMatchObject({ schema_diff: [{ change: "removed", name: "orders" }], committed: true });
  expect(database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")).toEqual([["customers"]]);
});

it("creates triggers, views and full-text tables", async () => {
  for (const query of [
    "CREATE VIEW northern AS SELECT * FROM customers WHERE region = 'north'",
    "CREATE VIRTUAL TABLE notes USING fts5(body)",
    "CREATE TRIGGER t AFTER DELETE ON orders BEGIN INSERT INTO notes VALUES ('gone'); SELECT CASE WHEN 1 THEN 2 END; END;",
  ]) {
    expect((await session.call("alter_schema", { query })).text).toContain('"committed":true');
  }
  await session.call("write_query", { query: "DELETE FROM orders WHERE id = 1" });

  const found = await session.call("read_query", { query: "SELECT body FROM notes WHERE notes MATCH 'gone'" });
  expect(found.data["rows"]).toEqual([["gone"]]);
});

it("imports CSV in one transaction and names the lines it rejects", async () => {
  const content = 'id,name,region\n10,"Eve, E.",\n1,Twice,east\n11,Fay,""\n';

  const strict = await session.call("import_csv", { table_name: "customers", content });
  const lenient = await session.call("import_csv", { table_name: "customers", content, skip_bad_lines: true });

  expect(strict.data).toMatchObject({ rows_imported: 0, committed: false, rejected: [{ line: 3 }] });
  expect(lenient.data).toMatchObject({ rows_imported: 2, committed: true, rejected: [{ line: 3 }] });
  expect(database.rows("SELECT * FROM customers WHERE id > 9")).toEqual([
    [10, "Eve, E.", null],
    [11, "Fay", ""],
  ]);
});

it("makes a table of a CSV text", async () => {
  const { data } = await session.call("import_csv", {
    table_name: 'odd "table"',
    content: "a;b\n1;x\n",
    delimiter: ";",
    create: true,
  });

  expect(data).toMatchObject({ rows_imported: 1, table: 'odd "table"', committed: true });
  expect(database.rows('SELECT a, b FROM "odd ""table"""')).toEqual([[1, "x"]]);
});

it.each([
  [{ table_name: "customers" }, "INVALID_INPUT"],
  [{ table_name: "customers", content: "a", path: "b.csv" }, "INVALID_INPUT"],
  [{ table_name: "nope", content: "a\n1\n" }, "TABLE_NOT_FOUND"],
  [{ table_name: "customers", path: "x.csv" }, "PATH_DENIED"],
  [{ table_name: "customers", content: "a", delimiter: '"' }, "INVALID_INPUT"],
])("refuses to import with %j", async (input, code) => {
  expect((await session.call("import_csv", input)).code).toBe(code);
});

it("has no tool that writes unless it was started to write", async () => {
  await using readOnly = await serveDatabase({ dbPath: database.path });

  await expect(readOnly.call("write_query", { query: "DELETE FROM orders" })).rejects.toThrow(/Unknown tool/);
});
