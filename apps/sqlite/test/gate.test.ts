import { expect, it } from "vitest";
import { gate, type SqlUse } from "../src/sql/gate.ts";

const bom = "\uFEFF";
const maxBytes = 1000;

const read: [string, string][] = [
  ["select 1", "select 1"],
  ["  -- hi\n SELECT * FROM t", "SELECT * FROM t"],
  [`${bom}select 1`, "select 1"],
  [";;select 1;", "select 1"],
  ["with x as (select 1) select * from x", "with x as (select 1) select * from x"],
  ["values(1)", "values(1)"],
  ["explain query plan select * from t", "EXPLAIN QUERY PLAN select * from t"],
  ["explain query plan delete from t", "EXPLAIN QUERY PLAN delete from t"],
  ["EXPLAIN /* why */ with x as (select 1) select * from x;", "EXPLAIN with x as (select 1) select * from x"],
  ["select '; drop table t; --'", "select '; drop table t; --'"],
  ["select 1; -- tail", "select 1"],
  ["select 1;;; /* more */ ;", "select 1"],
  ["select * from pragma_table_info('t')", "select * from pragma_table_info('t')"],
  ['select * from "PRAGMA_Index_List"(?)', 'select * from "PRAGMA_Index_List"(?)'],
  ["/**/select/**/1", "select/**/1"],
  ["select a from t where my_pragma_x = 1", "select a from t where my_pragma_x = 1"],
  [
    "with recursive c(x) as (select 1 union all select x+1 from c) select x from c",
    "with recursive c(x) as (select 1 union all select x+1 from c) select x from c",
  ],
  [
    "with delete_me as materialized (values(')'))\nselect * from delete_me",
    "with delete_me as materialized (values(')'))\nselect * from delete_me",
  ],
];

it.each(read)("lets %j reach SQLite through a read tool", (sql, prepared) => {
  const answer = gate(sql, "read-or-explain", maxBytes);

  expect(answer).toMatchObject({ kind: "admitted", sql: prepared, access: "read" });
});

const refusedReads: [string, string][] = [
  ["pragma query_only=0", "STATEMENT_NOT_ALLOWED"],
  ["PRAGMA table_info(t)", "STATEMENT_NOT_ALLOWED"],
  ["; pragma query_only=0", "STATEMENT_NOT_ALLOWED"],
  [`${bom}pragma query_only=0`, "STATEMENT_NOT_ALLOWED"],
  [`${bom}${bom};${bom}pragma query_only=0`, "STATEMENT_NOT_ALLOWED"],
  ["explain pragma query_only=0", "STATEMENT_NOT_ALLOWED"],
  ["explain query plan pragma query_only=0", "STATEMENT_NOT_ALLOWED"],
  ["explain explain select 1", "STATEMENT_NOT_ALLOWED"],
  ["explain ; select 1", "STATEMENT_NOT_ALLOWED"],
  ["explain query select 1", "STATEMENT_NOT_ALLOWED"],
  ["explain", "EMPTY_SQL"],
  ["pragma query_only=0; select 1", "STATEMENT_NOT_ALLOWED"],
  ["select 1; select 2", "MULTIPLE_STATEMENTS"],
  ["select 1; pragma query_only=0", "MULTIPLE_STATEMENTS"],
  ["select 1;\v", "MULTIPLE_STATEMENTS"],
  ["", "EMPTY_SQL"],
  [" \t\n\f\r;;", "EMPTY_SQL"],
  ["-- only", "EMPTY_SQL"],
  ["/* only", "EMPTY_SQL"],
  ["-- only\rselect 1", "EMPTY_SQL"],
  ["select 1\0; drop table t", "STATEMENT_NOT_ALLOWED"],
  ["attach '/other.db' as o", "STATEMENT_NOT_ALLOWED"],
  ["detach o", "STATEMENT_NOT_ALLOWED"],
  ["vacuum", "STATEMENT_NOT_ALLOWED"],
  ["vacuum into '/f'", "STATEMENT_NOT_ALLOWED"],
  ["begin", "STATEMENT_NOT_ALLOWED"],
  ["commit", "STATEMENT_NOT_ALLOWED"],
  ["end", "STATEMENT_NOT_ALLOWED"],
  ["rollback", "STATEMENT_NOT_ALLOWED"],
  ["savepoint s", "STATEMENT_NOT_ALLOWED"],
  ["release s", "STATEMENT_NOT_ALLOWED"],
  ["insert into t values(1) returning *", "STATEMENT_NOT_ALLOWED"],
  ["with x as (select 1) delete from t returning *", "NOT_READ_ONLY"],
  ["with recursive r(x) as (select ')'), s as not materialized (select 2) update t set a=1", "NOT_READ_ONLY"],
  ["delete from t", "STATEMENT_NOT_ALLOWED"],
  ["drop table t", "STATEMENT_NOT_ALLOWED"],
  ["create temp table z(a)", "STATEMENT_NOT_ALLOWED"],
  ["analyze", "STATEMENT_NOT_ALLOWED"],
  ["selectx", "STATEMENT_NOT_ALLOWED"],
  ["select1", "STATEMENT_NOT_ALLOWED"],
  ["select$", "STATEMENT_NOT_ALLOWED"],
  [`select${bom}1`, "STATEMENT_NOT_ALLOWED"],
  ["\vselect 1", "STATEMENT_NOT_ALLOWED"],
  ["\u00a0select 1", "STATEMENT_NOT_ALLOWED"],
  ['"select" 1', "STATEMENT_NOT_ALLOWED"],
  ["(select 1)", "STATEMENT_NOT_ALLOWED"],
  ["*/ select 1", "STATEMENT_NOT_ALLOWED"],
  ["/*/ select 1", "EMPTY_SQL"],
  ["select * from pragma_optimize", "STATEMENT_NOT_ALLOWED"],
  ["select * from PRAGMA_DATABASE_LIST()", "STATEMENT_NOT_ALLOWED"],
  ["select * from [pragma_database_list]", "STATEMENT_NOT_ALLOWED"],
  ["select * from 'pragma_query_only'", "STATEMENT_NOT_ALLOWED"],
  ["select * from pragma_table_infos('t')", "STATEMENT_NOT_ALLOWED"],
  ["select * from pragma_", "STATEMENT_NOT_ALLOWED"],
  [`select '${"x".repeat(1000)}'`, "SQL_TOO_LONG"],
  [`select '${"é".repeat(496)}'`, "SQL_TOO_LONG"],
];

it.each(refusedReads)("keeps %j away from SQLite in a read tool", (sql, code) => {
  const answer = gate(sql, "read-or-explain", maxBytes);

  expect(answer).toMatchObject({ kind: "refused", code });
});

const writes: [string, string][] = [
  ["insert into t values(1)", "insert into t values(1)"],
  ["replace into t values(1);", "replace into t values(1)"],
  [
    "with x as (select 1) update t set a=(select * from x) returning *",
    "with x as (select 1) update t set a=(select * from x) returning *",
  ],
  ["-- note\ndelete from t", "delete from t"],
  ["with replace as (select 1) delete from t", "with replace as (select 1) delete from t"],
];

it.each(writes)("lets %j reach SQLite through write_query", (sql, prepared) => {
  const answer = gate(sql, "write", maxBytes);

  expect(answer).toMatchObject({ kind: "admitted", sql: prepared, access: "write" });
});

it.each([
  ["select 1", "STATEMENT_NOT_ALLOWED"],
  ["with x as (select 1) select * from x", "NOT_A_WRITE"],
  ["insert into t values(1); drop table t", "MULTIPLE_STATEMENTS"],
  ["drop table t", "STATEMENT_NOT_ALLOWED"],
  ["create table z(a)", "STATEMENT_NOT_ALLOWED"],
  ["attach 'x' as y", "STATEMENT_NOT_ALLOWED"],
  ["pragma user_version=1", "STATEMENT_NOT_ALLOWED"],
  ["begin", "STATEMENT_NOT_ALLOWED"],
  ["explain delete from t", "STATEMENT_NOT_ALLOWED"],
  ["insert into t select * from pragma_database_list", "STATEMENT_NOT_ALLOWED"],
])("keeps %j away from SQLite in write_query", (sql, code) => {
  expect(gate(sql, "write", maxBytes)).toMatchObject({ kind: "refused", code });
});

it.each([
  ["select 1", "read"],
  ["with x as (select 1) select * from x", "read"],
  ["with x as (select 1) insert into t select * from x", "write"],
  ["update t set a=1", "write"],
])("knows that the transaction item %j is a %s", (sql, access) => {
  expect(gate(sql, "transaction", maxBytes)).toMatchObject({ kind: "admitted", access });
});

it.each([
  ["create table z(a)", "z"],
  ["CREATE TABLE IF NOT EXISTS z(a)", "z"],
  ["create table main.z(a);", "z"],
  ['create table "odd ""name"" ; drop"(a)', 'odd "name" ; drop'],
  ["create table [if](a)", "if"],
  ["create table temp(a)", "temp"],
])("lets create_table run %j", (sql, name) => {
  expect(gate(sql, "create-table", maxBytes)).toMatchObject({ kind: "admitted", target: { type: "table", name } });
});

it.each([
  "create table z(a); drop table t",
  "drop table sqlite_master",
  "create temp table z(a)",
  "create temporary table z(a)",
  "create table temp.z(a)",
  'create table "TEMP" . z(a)',
  "create table if not exists [temp].z(a)",
  "create table other.z(a)",
  "create virtual table z using fts5(a)",
  "create view v as select 1",
  "create index i on t(a)",
  "insert into t values(1)",
])("refuses %j in create_table", (sql) => {
  expect(gate(sql, "create-table", maxBytes).kind).toBe("refused");
});

it.each([
  "create index i on t(a)",
  "create unique index if not exists i on t(a)",
  "create view v as select 1",
  "create virtual table z using fts5(a)",
  'create virtual table z using "FTS4"(a)',
  "create virtual table if not exists main.z using rtree(id, a, b)",
  "create trigger g after insert on t begin update t set a = case when 1 then 2 end; delete from u; end;",
  "create trigger g after insert on t begin select 1; end",
  "alter table t rename to u",
  "drop table if exists t",
  "drop index i",
  "reindex",
  "analyze t",
])("lets alter_schema run %j", (sql) => {
  expect(gate(sql, "alter-schema", maxBytes).kind).toBe("admitted");
});

it.each([
  "pragma writable_schema=1",
  "create virtual table z using csv('/etc/passwd')",
  "create virtual table z using fts5vocab(a, 'row')",
  "create virtual table z using dbstat",
  "create table z(a)",
  "create temp view v as select 1",
  "create temp trigger g after insert on t begin select 1; end",
  "create view temp.v as select 1",
  "create index temp.i on t(a)",
  "create trigger g after insert on t begin select 1; end; drop table t",
  "drop table t; drop table u",
  "alter table temp.t rename to u",
  "insert into t values(1)",
  "select 1",
  "vacuum",
])("refuses %j in alter_schema", (sql) => {
  expect(gate(sql, "alter-schema", maxBytes).kind).toBe("refused");
});

const uses: SqlUse[] = ["read", "read-or-explain", "plan", "write", "transaction", "create-table", "alter-schema"];
const never = ["PRAGMA", "ATTACH", "DETACH", "VACUUM", "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"];

it.each(uses.flatMap((use) => never.map((word) => [word, use] as const)))("never lets %s pass for %s", (word, use) => {
  const answer = gate(`/* x */ ${word.toLowerCase()} x`, use, maxBytes);

  expect(answer).toMatchObject({ kind: "refused", code: "STATEMENT_NOT_ALLOWED" });
});

it("says which tool to use instead", () => {
  expect(next("insert into t values(1)", "read")).toContain("write_query");
  expect(next("select 1", "write")).toContain("read_query");
  expect(next("create table t(a)", "write")).toContain("create_table");
  expect(next("drop table t", "write")).toContain("alter_schema");
  expect(next("begin", "write")).toContain("execute_transaction");
  expect(next("pragma table_info(t)", "read")).toContain("describe_table");
  expect(next("explain select 1", "read")).toContain("explain_query");
});

function next(sql: string, use: SqlUse): string {
  const answer = gate(sql, use, maxBytes);
  return answer.kind === "refused" ? answer.next : "";
}
