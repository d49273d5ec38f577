import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, shopSql, type TestDatabase } from "./databases.ts";
import { type Session, serveDatabase } from "./session.ts";

let database: TestDatabase;
let session: Session;

const odd = 'a "b" [c] `d`\n😀 select';

beforeAll(async () => {
  database = createDatabase(`${shopSql}
    CREATE INDEX orders_by_customer ON orders(customer_id);
    CREATE VIEW northern AS SELECT * FROM customers WHERE region = 'north';
    CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;
    CREATE TRIGGER touch AFTER DELETE ON orders BEGIN SELECT 1; END;
    CREATE VIRTUAL TABLE notes USING fts5(body);
    CREATE TABLE "${odd.replaceAll('"', '""')}"("x ""y""" INTEGER PRIMARY KEY);`);
  mkdirSync(join(database.directory, "out"));
  mkdirSync(join(database.directory, "in"));
  session = await serveDatabase({
    dbPath: database.path,
    exportDir: join(database.directory, "out"),
    backupDir: join(database.directory, "out"),
  });
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  database[Symbol.dispose]();
});

it("lists tables and views without running a view", async () => {
  const { data } = await session.call("list_tables", { counts: true });

  expect(data["tables"]).toEqual(
    expect.arrayContaining([
      { name: "customers", type: "table", columns: 3, rows: 3, strict: false, without_rowid: false },
      { name: "endless", type: "view", columns: 1, rows: null, strict: false, without_rowid: false },
    ]),
  );
  expect(JSON.stringify(data)).not.toContain("notes_data");
});

it.each([
  [{ pattern: "o*" }, ["orders"]],
  [{ pattern: "n*" }, ["northern", "notes"]],
  [{ pattern: "n*", include_views: false }, ["notes"]],
])("lists tables that fit %j", async (input, names) => {
  const { data } = await session.call("list_tables", input);

  expect((data["tables"] as { name: string }[]).map(({ name }) => name).toSorted()).toEqual(names);
});

it("describes a table with its keys, indexes and triggers", async () => {
  const { data } = await session.call("describe_table", { table_name: "orders" });

  expect(data).toMatchObject({
    name: "orders",
    type: "table",
    columns: [{ name: "id", type: "INTEGER", pk: 1 }, { name: "customer_id", notnull: true }, { name: "total" }],
    foreign_keys: [{ columns: ["customer_id"], table: "customers" }],
    indexes: [{ name: "orders_by_customer", unique: false, columns: ["customer_id"] }],
    triggers: [{ name: "touch" }],
  });
});

it.each(["describe_table", "profile_table"])("takes any name in %s", async (tool) => {
  const { code, data } = await session.call(tool, { table_name: odd });

  expect(code).toBe("ok");
  expect(data).toMatchObject({ columns: [{ name: 'x "y"' }] });
});

it.each(["describe_table", "profile_table"])("offers near names in %s when a table does not exist", async (tool) => {
  const { code, text } = await session.call(tool, { table_name: "custmers" });

  expect(code).toBe("TABLE_NOT_FOUND");
  expect(text).toContain("customers");
});

it("explains a statement without running it", async () => {
  const before = database.fingerprint();

  const { data } = await session.call("explain_query", { query: "DELETE FROM customers WHERE region = 'north'" });

  expect(data).toMatchObject({ tables_written: ["customers"], full_scans: ["customers"] });
  expect(data).not.toHaveProperty("bytecode");
  expect(database.fingerprint()).toBe(before);
});

it("shows the program of a statement when asked", async () => {
  const { data } = await session.call("explain_query", { query: "SELECT * FROM notes", bytecode: true });

  expect(data["bytecode"]).toEqual(expect.arrayContaining([expect.objectContaining({ opcode: "VOpen" })]));
  expect(JSON.stringify(data["bytecode"])).not.toMatch(/vtab:[0-9A-F]/);
});

it("shows no address of the server's memory in a program read by read_query", async () => {
  const { text } = await session.call("read_query", { query: "EXPLAIN SELECT * FROM notes" });

  expect(text).toContain('"VOpen",0,0,0,"vtab"');
});

it("finds names by a part of them", async () => {
  const { data } = await session.call("search_schema", { pattern: "CUSTOMER" });
  const tables = await session.call("search_schema", { pattern: "customer", kind: "table", detail: "names" });

  expect(data["matches"]).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: "table", name: "customers", columns: 3 }),
      expect.objectContaining({ kind: "column", name: "customer_id", table: "orders", type: "INTEGER" }),
      expect.objectContaining({ kind: "index", name: "orders_by_customer" }),
    ]),
  );
  expect(tables.data).toEqual({ matches: [{ kind: "table", name: "customers" }], truncated: false });
});

it("says when there are more matches", async () => {
  const { data } = await session.call("search_schema", { pattern: "o", limit: 1 });

  expect(data).toMatchObject({ matches: [expect.anything()], truncated: true });
});

it("shows databases without their paths", async () => {
  const { text, data } = await session.call("list_databases");

  expect(data["databases"]).toEqual([
    { name: "shop", mode: "read-only", size_bytes: expect.any(Number), tables: 4, journal_mode: "delete" },
  ]);
  expect(text).not.toContain(database.directory);
});

it("profiles what the columns hold", async () => {
  const { data } = await session.call("profile_table", { table_name: "customers", columns: ["region"] });

  expect(data).toMatchObject({
    row_count: 3,
    row_count_exact: true,
    columns: [{ name: "region", nulls: 1, distinct: 2, min: "north", max: "south" }],
  });
});

it("calls a sound database sound", async () => {
  const { data } = await session.call("check_database", { deep: true });

  expect(data).toMatchObject({ ok: true, problems: [], foreign_key_problems: [] });
});

it("exports a query to a file and hands out a link that can be read", async () => {
  const { data, content } = await session.call("export_query", {
    query: "SELECT id, '=cmd' AS f FROM customers WHERE id < :n",
    params: { n: 3 },
    file_name: "some customers.csv",
  });

  expect(data).toMatchObject({ file_name: "some customers.csv", rows: 2 });
  expect(readFileSync(join(database.directory, "out", "some customers.csv"), "utf8")).toBe(
    "id,f\r\n1,'=cmd\r\n2,'=cmd\r\n",
  );
  expect(content[1]).toMatchObject({ type: "resource_link", uri: "sqlite-export://files/some%20customers.csv" });
  const read = await session.client.readResource({ uri: "sqlite-export://files/some%20customers.csv" });
  expect(read.contents[0]).toMatchObject({ text: "id,f\r\n1,'=cmd\r\n2,'=cmd\r\n" });
});

it("hands out no file it did not export", async () => {
  writeFileSync(join(database.directory, "out", "other.txt"), "secret");

  for (const name of ["other.txt", "..%2Fshop.db", "..%2F..%2Fetc%2Fpasswd"]) {
    await expect(session.client.readResource({ uri: `sqlite-export://files/${name}` })).rejects.toThrow(/not found/i);
  }
});

it.each(["../x.csv", "/tmp/x.csv", "a/b.csv", "", "x\0.csv", " x.csv", ".."])(
  "writes no export called %j",
  async (name) => {
    const { code } = await session.call("export_query", { query: "SELECT 1", file_name: name });

    expect(code).not.toBe("ok");
  },
);

it("overwrites no file", async () => {
  const first = await session.call("backup_database", { file_name: "copy.db" });
  const second = await session.call("backup_database", { file_name: "copy.db" });

  expect(first.data).toMatchObject({ file_name: "copy.db", pages: expect.any(Number) });
  expect(second.code).not.toBe("ok");
  expect(second.text).not.toContain(database.directory);
});

it("serves files below an allowed directory by their relative names", async () => {
  using other = createDatabase();
  await using several = await serveDatabase({ allowDir: [other.directory], showPaths: true });

  const listed = await several.call("list_databases");
  const read = await several.call("read_query", { query: "SELECT count(*) FROM customers", database: "shop.db" });
  const outside = await several.call("read_query", { query: "SELECT 1", database: "../shop.db" });
  const missing = await several.call("read_query", { query: "SELECT 1" });

  expect(listed.data["databases"]).toMatchObject([{ name: "shop.db", path: other.path }]);
  expect(read.data["rows"]).toEqual([[3]]);
  expect(outside.code).toBe("PATH_DENIED");
  expect(missing.code).toBe("INVALID_INPUT");
});

it("takes the first database unless another one is named", async () => {
  using other = createDatabase("CREATE TABLE only_here(a)");
  await using several = await serveDatabase({ db: [`one=${database.path}`, `two=${other.path}`] });

  const first = await several.call("list_tables", { pattern: "customers" });
  const second = await several.call("list_tables", { database: "two" });
  const unknown = await several.call("list_tables", { database: "Two" });

  expect(first.text).toContain("customers");
  expect(second.text).toContain("only_here");
  expect(unknown.code).toBe("DATABASE_NOT_FOUND");
});

it("lists a database that cannot be read with the reason", async () => {
  using broken = createDatabase();
  await using several = await serveDatabase({ db: [`good=${database.path}`, `bad=${broken.path}`] });
  const bytes = readFileSync(broken.path);
  writeFileSync(broken.path, bytes.fill(0xaa, 100, 4096));

  const { data } = await several.call("list_databases");

  expect(data["databases"]).toMatchObject([
    { name: "good", tables: 4 },
    { name: "bad", tables: null, problem: expect.any(String) },
  ]);
});
