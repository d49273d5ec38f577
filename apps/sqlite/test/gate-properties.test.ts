import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, it } from "vitest";
import { gate } from "../src/sql/gate.ts";
import { tokenize } from "../src/sql/lexer.ts";

/** Pieces that make lexers disagree: openings of comments and quotes, odd white space, statements that act at prepare. */
const piece = fc.oneof(
  fc.constantFrom(
    " ",
    "\t",
    "\n",
    "\r",
    "\f",
    "\v",
    "\uFEFF",
    "\u00a0",
    "\u2028",
    ";",
    "--",
    "/*",
    "*/",
    "/",
    "*",
    "-",
    "'",
  ),
  fc.constantFrom('"', "`", "[", "]", "(", ")", ",", ".", "?", ":a", "$", "x'", "0x1", "1e", "\0", "é"),
  fc.constantFrom(
    "select 1",
    "select",
    "with x as (select 1)",
    "values(1)",
    "explain",
    "query plan",
    "from t",
    "begin",
    "end",
  ),
  fc.constantFrom(
    "pragma query_only=0",
    "pragma user_version=7",
    "PRAGMA query_only(0)",
    "delete from t",
    "insert into t values(9)",
  ),
  fc.constantFrom(
    "create table z(a)",
    "drop table t",
    "vacuum",
    "commit",
    "attach ':memory:' as o",
    "pragma_query_only",
    "returning *",
  ),
);
const statement = fc
  .array(piece, { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.join(fc.sample(fc.constantFrom("", " "), 1)[0]));

it("lets nothing through a read gate that changes a connection or a file at prepare or when run", () => {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2); PRAGMA query_only=1");
  const before = db.serialize();
  let admitted = 0;

  fc.assert(
    fc.property(fc.tuple(fc.constantFrom("", "select 1", "values(1)", "explain "), statement), ([start, rest]) => {
      const answer = gate(start + rest, "read-or-explain", 100_000);
      if (answer.kind === "refused") return;
      admitted += 1;
      expect(answer.sql).toMatch(/^(select|with|values|explain)(?![A-Za-z0-9_$\u0080-\uffff])/i);
      runIfReadable(db, answer.sql);
      expect(db.pragma("query_only", { simple: true })).toBe(1);
      expect(db.inTransaction).toBe(false);
      expect(db.serialize().equals(before)).toBe(true);
    }),
    { numRuns: 3000 },
  );

  expect(admitted).toBeGreaterThan(300);
  db.close();
});

it("agrees with SQLite about where the first word starts", () => {
  const db = new Database(":memory:");
  const trivia = fc.constantFrom(
    " ",
    "\t",
    "\n",
    "\r",
    "\f",
    ";",
    "\uFEFF",
    "--x\n",
    "/*x*/",
    "/**/",
    "/* ; -- */",
    "--\uFEFF\n",
  );

  fc.assert(
    fc.property(fc.array(trivia, { maxLength: 10 }), (pieces) => {
      const sql = `${pieces.join("")}SELECT 42`;

      expect(gate(sql, "read", 100_000)).toMatchObject({ kind: "admitted", sql: "SELECT 42" });
      expect(db.prepare(sql).pluck().get()).toBe(42);
    }),
  );
  db.close();
});

it("covers the whole text with tokens and what lies between them", () => {
  fc.assert(
    fc.property(statement, (sql) => {
      let at = 0;
      for (const { start, end, text } of tokenize(sql)) {
        expect(start).toBeGreaterThanOrEqual(at);
        expect(sql.slice(start, end)).toBe(text);
        expect(end).toBeGreaterThan(start);
        at = end;
      }
    }),
  );
});

/** What the engine does after `prepare`; statements SQLite calls malformed never ran. */
function runIfReadable(db: Database.Database, sql: string): void {
  try {
    const prepared = db.prepare(sql);
    if (prepared.reader && prepared.readonly) prepared.all();
  } catch (error) {
    if (!(error instanceof Database.SqliteError || error instanceof RangeError || error instanceof TypeError))
      throw error;
  }
}
