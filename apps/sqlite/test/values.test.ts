import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { encodeRows, type RowLimits, RowTooLargeError } from "../src/sql/values.ts";

const roomy: RowLimits = { rows: 100, bytes: 65_536, cell: 4096, offset: 0 };

function encode(sql: string, limits: Partial<RowLimits> = {}, ...params: unknown[]) {
  using db = Object.assign(new Database(":memory:"), { [Symbol.dispose]: () => db.close() });
  const statement = db.prepare(sql).raw().safeIntegers();
  // The driver types rows of `raw()` as unknown.
  const rows = statement.iterate(...params) as Iterable<readonly unknown[]>;
  return encodeRows(rows, () => statement.columns(), { ...roomy, ...limits });
}

it.each([
  ["NULL", null],
  ["9007199254740991", 9007199254740991],
  ["-9007199254740991", -9007199254740991],
  ["1.5", 1.5],
  ["1e300", 1e300],
  ["'text'", "text"],
  ["'a' || char(0) || 'b'", "a\0b"],
  ["CAST(x'ff' AS TEXT)", "\ufffd"],
  ["x'00ff'", { $blob: { bytes: 2, base64: "AP8=" } }],
  ["x''", { $blob: { bytes: 0, base64: "" } }],
])("shows %s as it is", (expression, cell) => {
  const result = encode(`SELECT ${expression}`);

  expect(result.rows).toEqual([[cell]]);
  expect(result.encoded_cells).toEqual([]);
  expect(result.truncated).toBe(false);
});

it.each([
  ["9007199254740992", "9007199254740992", "integer"],
  ["-9223372036854775807 - 1", "-9223372036854775808", "integer"],
  ["9e999", "Infinity", "real"],
  ["-9e999", "-Infinity", "real"],
])("shows %s as a string and says that it is a number", (expression, cell, as) => {
  const result = encode(`SELECT ${expression} AS n`);

  expect(result.rows).toEqual([[cell]]);
  expect(result.encoded_cells).toEqual([{ column: "n", as, rows: "all" }]);
});

it("tells numbers from texts that look like them, cell by cell", () => {
  const result = encode(
    "VALUES (9007199254740993, 1), ('9007199254740993', 9e999), (9007199254740993, 9007199254740993)",
  );

  expect(result.encoded_cells).toEqual([
    { column: "column1", as: "integer", rows: [0, 2] },
    { column: "column2", as: "integer", rows: [2] },
    { column: "column2", as: "real", rows: [1] },
  ]);
});

it("gives repeated column names suffixes that no other column has", () => {
  const { columns } = encode("SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a, 5 AS __proto__");

  expect(columns.map(({ name }) => name)).toEqual(["a", "a_3", "a_2", "a_4", "__proto__"]);
});

it("names the declared type and the table of a column, and null for an expression", () => {
  using db = Object.assign(new Database(":memory:"), { [Symbol.dispose]: () => db.close() });
  db.exec("CREATE TABLE t(a VARCHAR(9)); INSERT INTO t VALUES ('x')");
  const statement = db.prepare("SELECT a AS b, a || a FROM t").raw().safeIntegers();
  const rows = statement.iterate() as Iterable<readonly unknown[]>; // The driver types rows of `raw()` as unknown.

  const { columns } = encodeRows(rows, () => statement.columns(), roomy);

  expect(columns).toEqual([
    { name: "b", type: "VARCHAR(9)", table: "t" },
    { name: "a || a", type: null, table: null },
  ]);
});

it("cuts a long text without splitting a character in two", () => {
  const result = encode("SELECT 'ab' || char(128512) || 'cd'", { cell: 3 });

  expect(result.rows).toEqual([["ab…[truncated, 6 chars]"]]);
  expect(result).toMatchObject({ truncated: true, truncated_by: ["cell"], next_offset: null });
});

it("shows the first 256 bytes of a large blob and says that it is cut", () => {
  const result = encode("SELECT zeroblob(1000) AS b");

  expect(result.rows[0]?.[0]).toEqual({ $blob: { bytes: 1000, base64: `${"A".repeat(342)}==` } });
  expect(result.truncated_by).toEqual(["cell"]);
});

const counting = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";

it("stops an endless query at the row limit and says where to go on", () => {
  const result = encode(counting, { rows: 3, offset: 10 });

  expect(result.rows).toEqual([[11], [12], [13]]);
  expect(result).toMatchObject({ row_count: 3, truncated: true, truncated_by: ["rows"], next_offset: 13 });
});

it("does not call a result cut when the limit was exactly enough", () => {
  const result = encode("VALUES (1), (2)", { rows: 2 });

  expect(result).toMatchObject({ row_count: 2, truncated: false, truncated_by: [], next_offset: null });
});

it("keeps the rows within the byte limit", () => {
  const result = encode(counting, { rows: 10_000, bytes: 100 });

  expect(Buffer.byteLength(JSON.stringify(result.rows))).toBeLessThanOrEqual(100);
  expect(result.truncated_by).toEqual(["bytes"]);
  expect(result.next_offset).toBe(result.row_count);
});

it("counts bytes, not characters", () => {
  const result = encode("VALUES ('éééé'), ('éééé'), ('éééé')", { bytes: 28 });

  expect(result.row_count).toBe(2);
});

it("takes back what a row that did not fit had left behind", () => {
  const result = encode("VALUES ('a'), (9007199254740993 || '')", { bytes: 12 });
  const numbers = encode("VALUES (1), (9007199254740993)", { bytes: 12 });

  expect(result.row_count).toBe(1);
  expect(numbers.encoded_cells).toEqual([]);
});

it("refuses a first row that no offset could ever pass", () => {
  expect(() => encode("SELECT printf('%.100c', 'x')", { bytes: 64 })).toThrow(RowTooLargeError);
});

it("names the columns of an empty result", () => {
  const result = encode("SELECT 1 AS a WHERE 0");

  expect(result).toMatchObject({ columns: [{ name: "a" }], rows: [], row_count: 0, truncated: false });
});
