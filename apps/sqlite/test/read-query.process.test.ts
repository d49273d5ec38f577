import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";
import { type Session, serveDatabase } from "./session.ts";

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = createDatabase();
  session = await serveDatabase({ dbPath: database.path, maxBytes: 4096, maxRows: 300, maxCell: 100, maxSql: 2000 });
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  database[Symbol.dispose]();
});

const counting = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";

it("gives columns, rows and counts, and the same as one line of text", async () => {
  const { text, data } = await session.call("read_query", { query: "SELECT id, name FROM customers WHERE id < 3" });

  expect(text).toBe('{"columns":["id","name"],"rows":[[1,"Ada"],[2,"Bob"]],"row_count":2}');
  expect(data).toEqual({
    columns: [
      { name: "id", type: "INTEGER", table: "customers" },
      { name: "name", type: "TEXT", table: "customers" },
    ],
    rows: [
      [1, "Ada"],
      [2, "Bob"],
    ],
    row_count: 2,
    truncated: false,
    truncated_by: [],
    next_offset: null,
    encoded_cells: [],
    elapsed_ms: expect.any(Number),
  });
});

it("binds values by name and by position", async () => {
  const byName = await session.call("read_query", {
    query: "SELECT name FROM customers WHERE region = :region",
    params: { region: "south" },
  });
  const byPosition = await session.call("read_query", { query: "SELECT ?1 || ?2 || ?1", params: ["a", "b"] });

  expect(byName.data["rows"]).toEqual([["Bob"]]);
  expect(byPosition.data["rows"]).toEqual([["aba"]]);
});

it.each([
  [{ query: "SELECT :a, :b", params: { a: 1 } }, "no value for b"],
  [{ query: "SELECT ?", params: [1, 2] }, "too many values"],
  [{ query: "SELECT :a", params: { a: { x: 1 } } }, "a is no value"],
  [{ query: "SELECT :a" }, ":a"],
  [{ query: "SELECT ?", params: 5 }, "neither an array nor an object"],
])("names what is wrong with the values of %j", async (input, fact) => {
  const { code, text } = await session.call("read_query", input);

  expect(code).toBe("INVALID_PARAMS");
  expect(text).toContain(fact);
});

it("binds a value called __proto__", async () => {
  const params: unknown = JSON.parse('{"__proto__": 7}');

  const { data } = await session.call("read_query", { query: "SELECT :__proto__ AS __proto__", params });

  expect(data).toMatchObject({ columns: [{ name: "__proto__" }], rows: [[7]] });
});

it("reads every value back as it was bound", async () => {
  const params = [{ $int: "9223372036854775807" }, { $blob: "AP8=" }, true, null, 5, "it's"];

  const { data } = await session.call("read_query", {
    query: "SELECT ?1 AS n, ?2, ?3, ?4, typeof(?5), ?6",
    params,
  });

  expect(data["rows"]).toEqual([
    ["9223372036854775807", { $blob: { bytes: 2, base64: "AP8=" } }, 1, null, "integer", "it's"],
  ]);
  expect(data["encoded_cells"]).toEqual([{ column: "n", as: "integer", rows: "all" }]);
});

it("gives 200 rows unless a limit is given, and never more than the server allows", async () => {
  const plain = await session.call("read_query", { query: counting });
  const clamped = await session.call("read_query", { query: counting, limit: 5000 });

  expect(plain.data).toMatchObject({ row_count: 200, truncated_by: ["rows"], next_offset: 200 });
  expect(clamped.data).toMatchObject({ row_count: 300, truncated_by: ["rows"], next_offset: 300 });
});

it("pages through a result without losing or repeating a row", async () => {
  const seen: unknown[] = [];
  let offset: unknown = 0;
  while (offset !== null) {
    const query = `${counting} LIMIT 500`;
    const { data } = await session.call("read_query", { query, limit: 150, offset });
    seen.push(...(data["rows"] as unknown[])); // The shape is checked by the session's client.
    offset = data["next_offset"];
  }

  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => [index + 1]));
});

it.each(["json", "objects", "csv", "markdown"])(
  "keeps text and rows of the format %s within the byte limit",
  async (format) => {
    const query = "SELECT x AS a_long_column_name, printf('%.50c', 'y') AS another FROM (" + counting + ")";

    const { text, data } = await session.call("read_query", { query, format });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(JSON.stringify(data["rows"]))).toBeLessThanOrEqual(4096);
    expect(data["truncated_by"]).toContain("bytes");
    expect(text).toMatch(/next_offset"?:? ?\d+/);
  },
);

it.each([
  ["objects", '{"rows":[{"a":1,"a_2":"x|y"}],"row_count":1}'],
  ["csv", "a,a_2\n1,x|y"],
  ["markdown", "| a | a_2 |\n| --- | --- |\n| 1 | x\\|y |"],
])("writes the text as %s", async (format, text) => {
  const answer = await session.call("read_query", { query: "SELECT 1 AS a, 'x|y' AS a", format });

  expect(answer.text).toBe(text);
});

it("shortens a long cell and says so", async () => {
  const { data } = await session.call("read_query", { query: "SELECT printf('%.500c', 'y')" });

  expect(data["rows"]).toEqual([[`${"y".repeat(100)}…[truncated, 500 chars]`]]);
  expect(data).toMatchObject({ truncated: true, truncated_by: ["cell"], next_offset: null });
});

it("refuses a row that is larger than an answer may be", async () => {
  const columns = Array.from({ length: 50 }, (_, index) => `printf('%.90c', 'y') AS c${index}`).join(", ");
  const query = `SELECT ${columns}`;

  const { code, text } = await session.call("read_query", { query });

  expect(code).toBe("ROW_TOO_LARGE");
  expect(text).toContain("substr()");
});

it.each([
  ["SELECT '" + "x".repeat(2000) + "'", "SQL_TOO_LONG"],
  ["", "EMPTY_SQL"],
  ["SELECT 1; SELECT 2", "MULTIPLE_STATEMENTS"],
  ["WITH x AS (SELECT 1) DELETE FROM customers", "NOT_READ_ONLY"],
  ["SELECT * FROM nope", "TABLE_NOT_FOUND"],
  ["SELECT nope FROM customers", "SQLITE_ERROR"],
])("answers %j with %s", async (query, code) => {
  expect((await session.call("read_query", { query })).code).toBe(code);
});

it("ends a query at the time limit of the call and goes on working", async () => {
  const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

  const { code } = await session.call("read_query", { query: endless, timeout_ms: 300 });

  expect(code).toBe("TIMEOUT");
  expect((await session.call("read_query", { query: "SELECT 1" })).data["rows"]).toEqual([[1]]);
});

it("never says where the database is", async () => {
  for (const query of ["SELECT * FROM nope", "SELECT load_extension('/x')", "pragma database_list"]) {
    const { text } = await session.call("read_query", { query });

    expect(text).not.toContain(database.directory);
  }
});
