import Database from "better-sqlite3";
import { afterAll, expect, it } from "vitest";
import { analyse, type Instruction, type PlanStep, type SchemaObject, withoutAddresses } from "../src/sql/explain.ts";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, region TEXT);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INT REFERENCES customers(id), total INT);
  CREATE INDEX orders_customer ON orders(customer_id);
  CREATE VIEW totals AS SELECT c.name, sum(total) s FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY 1;
  CREATE VIRTUAL TABLE notes USING fts5(body);
  CREATE TRIGGER touch AFTER INSERT ON orders BEGIN UPDATE customers SET name = name WHERE id = new.customer_id; END;
`);
afterAll(() => db.close());

function findings(sql: string) {
  // Rows of statements whose columns are fixed by SQLite.
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as PlanStep[];
  const bytecode = db.prepare(`EXPLAIN ${sql}`).all() as Instruction[];
  const objects = db.prepare("SELECT type, name, tbl_name, rootpage FROM sqlite_schema").all() as SchemaObject[];
  return analyse(sql, plan, bytecode, objects);
}

it.each([
  ["SELECT * FROM totals", { tables_read: ["customers", "orders"], full_scans: ["orders"], functions: ["sum"] }],
  ["SELECT * FROM orders WHERE id = 1", { tables_read: ["orders"], full_scans: [] }],
  ["SELECT max(id) FROM orders", { tables_read: ["orders"], full_scans: [], functions: ["max"] }],
  ["SELECT count(*) FROM customers", { full_scans: ["customers"], functions: [] }],
  [
    "SELECT upper(name), count(*) FROM customers c GROUP BY 1",
    { full_scans: ["customers"], functions: ["count", "upper"] },
  ],
  ["SELECT * FROM notes WHERE notes MATCH 'x'", { tables_read: ["notes"], tables_written: [] }],
  ["INSERT INTO notes VALUES ('x')", { tables_written: ["notes"] }],
  ["INSERT INTO orders(customer_id) VALUES (1)", { tables_written: ["customers", "orders"] }],
  [
    "DELETE FROM customers WHERE region = 'x'",
    { tables_written: ["customers"], tables_read: ["customers", "orders"], full_scans: ["customers"] },
  ],
  ["DELETE FROM orders", { tables_written: ["orders"] }],
  ["SELECT * FROM json_each('[1]')", { tables_read: [], full_scans: [] }],
])("knows what %s touches", (sql, expected) => {
  expect(findings(sql)).toMatchObject(expected);
});

it.each([
  ["SELECT * FROM customers WHERE region = 'x'", "customers is read from end to end"],
  ["SELECT * FROM customers ORDER BY name", "ORDER BY sorts all rows"],
  ["SELECT * FROM orders o, customers c WHERE o.total = c.region", "An index is built anew"],
  [
    "SELECT (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c",
    "A subquery runs once per row",
  ],
])("gives advice on %s", (sql, advice) => {
  expect(findings(sql).suggestions.join("\n")).toContain(advice);
});

it("has no advice for a lookup by key", () => {
  expect(findings("SELECT * FROM orders WHERE id = 1").suggestions).toEqual([]);
});

it("does not show addresses of the process's memory", () => {
  const bytecode = db.prepare("EXPLAIN SELECT * FROM notes").all() as Instruction[]; // Fixed columns.

  expect(JSON.stringify(withoutAddresses(bytecode))).not.toMatch(/vtab:/);
});
