import { mkdtempSync, rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";
import { type Session, serveDatabase } from "./session.ts";

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = createDatabase("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");
  session = await serveDatabase({ dbPath: database.path, readWrite: true });
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  database[Symbol.dispose]();
});

const bom = "\uFEFF";

it.each([
  "select 1",
  "  -- hi\n SELECT * FROM t",
  `${bom}select 1`,
  ";;select 1;",
  "with x as (select 1) select * from x",
  "values(1)",
  "explain query plan select * from t",
  "explain query plan delete from t",
  "explain insert into t values(3)",
  "select '; drop table t; --'",
  "select 1; -- tail",
  "select * from pragma_table_info('t')",
])("answers %j through read_query", async (query) => {
  const before = database.fingerprint();

  const { code } = await session.call("read_query", { query });

  expect(code).toBe("ok");
  expect(database.fingerprint()).toBe(before);
});

it.each([
  ["read_query", "pragma query_only=0"],
  ["read_query", "PRAGMA table_info(t)"],
  ["read_query", "; pragma user_version=7"],
  ["read_query", `${bom}pragma user_version=7`],
  ["read_query", "explain pragma user_version=7"],
  ["read_query", "explain query plan pragma user_version=7"],
  ["read_query", "pragma query_only=0; select 1"],
  ["read_query", "select 1; select 2"],
  ["read_query", ""],
  ["read_query", "-- only"],
  ["read_query", "select 1\0; drop table t"],
  ["read_query", "attach 'other.db' as o"],
  ["read_query", "vacuum"],
  ["read_query", "vacuum into 'f.db'"],
  ["read_query", "begin"],
  ["read_query", "commit"],
  ["read_query", "insert into t values(3) returning *"],
  ["read_query", "with x as (select 1) delete from t returning *"],
  ["read_query", "delete from t"],
  ["read_query", "drop table t"],
  ["read_query", "create temp table z(a)"],
  ["read_query", "analyze"],
  ["read_query", "selectx"],
  ["read_query", "select * from pragma_optimize"],
  ["read_query", "select load_extension('x')"],
  ["read_query", "select readfile('/etc/passwd')"],
  ["read_query", "select writefile('/tmp/x', 'y')"],
  ["write_query", "select 1"],
  ["write_query", "insert into t values(3); drop table t"],
  ["write_query", "drop table t"],
  ["write_query", "create table z(a)"],
  ["write_query", "attach 'other.db' as o"],
  ["write_query", "pragma user_version=7"],
  ["write_query", "begin"],
  ["write_query", "update sqlite_master set sql = 'x'"],
  ["write_query", "delete from sqlite_schema"],
  ["write_query", "insert into sqlite_schema values('table','z','z',1,'create table z(a)')"],
  ["create_table", "create table z(a); drop table t"],
  ["create_table", "drop table sqlite_master"],
  ["create_table", "create table temp.z(a)"],
  ["create_table", "create table sqlite_z(a)"],
  ["alter_schema", "pragma writable_schema=1"],
  ["alter_schema", "drop table sqlite_master"],
  ["alter_schema", "create virtual table z using csv(filename='/etc/passwd')"],
  ["explain_query", "pragma user_version=7"],
  ["explain_query", "drop table t"],
])("refuses in %s: %j, and leaves file, folder and connection as they were", async (tool, query) => {
  const before = database.fingerprint();

  const { code } = await session.call(tool, { query });

  expect(code).not.toBe("ok");
  expect(database.fingerprint()).toBe(before);
  const next = await session.call("read_query", { query: "select count(*) from t" });
  expect(next.data["rows"]).toEqual([[2]]);
});

it("changes no file through a read tool, whatever the statement", async () => {
  const directory = mkdtempSync("/tmp/bothways-sqlite-target-");
  const before = database.fingerprint();
  const plain =
    "select 1 * from t where a = ( ) , ; with x as values explain query plan pragma user_version=9 query_only=0 " +
    "insert into delete update set drop table vacuum attach begin commit create temp view returning union -- /* */ ' \" " +
    "pragma_table_info('t') pragma_optimize zeroblob(9)";
  const words = fc.constantFrom(...plain.split(" "), `'${directory}/f'`, "\n", "\t", "\0", bom);
  const sql = fc.array(words, { minLength: 1, maxLength: 14 }).map((list) => list.join(" "));

  await fc.assert(
    fc.asyncProperty(fc.constantFrom("", "select ", "with x as (", "explain "), sql, async (start, rest) => {
      await session.call("read_query", { query: start + rest, limit: 5 });
      await session.call("explain_query", { query: start + rest });
      expect(database.fingerprint()).toBe(before);
    }),
    { numRuns: 150 },
  );

  const after = await session.call("read_query", {
    query: "select count(*), (select * from pragma_user_version) from t",
  });
  expect(after.data["rows"]).toEqual([[2, 0]]);
  rmSync(directory, { recursive: true });
});
