import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createDatabase, limits, openPool, scratch } from "./engine-fixture.ts";

const tables = `
  CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
  CREATE VIRTUAL TABLE f USING fts5(body);
  INSERT INTO t VALUES (1, 'x');
  CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t; END;
`;

const gap = fc.constantFrom(" ", "\n", "/* c */", "-- c\n", "\t", "");
const word = fc.constantFrom(
  ..."SELECT WITH VALUES EXPLAIN QUERY PLAN INSERT INTO REPLACE UPDATE DELETE FROM t f SET b = 1 * ( ) , a AS x RETURNING".split(
    " ",
  ),
  ..."CREATE TABLE TEMP VIEW INDEX TRIGGER DROP ALTER ADD COLUMN REINDEX ANALYZE PRAGMA query_only user_version ATTACH".split(
    " ",
  ),
  ..."DETACH VACUUM BEGIN IMMEDIATE COMMIT END ROLLBACK SAVEPOINT s RELEASE ; '/tmp/never.db' \"t\" sqlite_schema temp. main.".split(
    " ",
  ),
  ..."pragma_optimize pragma_user_version(1) writable_schema journal_mode=wal load_extension('x') fts5 f('rebuild')".split(
    " ",
  ),
);
const noise = fc.array(fc.tuple(word, gap), { minLength: 1, maxLength: 14 }).map((parts) => parts.flat().join(" "));
const change = fc.constantFrom(
  "INSERT INTO t(b) VALUES (1)",
  "DELETE FROM t",
  "UPDATE t SET b = 2",
  "REPLACE INTO t VALUES (1, 'z')",
  "INSERT INTO f(f) VALUES ('rebuild')",
  "INSERT INTO f VALUES ('w')",
);
const hidden = fc
  .tuple(
    fc.constantFrom("", "WITH x AS (SELECT 1) ", "EXPLAIN ", "EXPLAIN QUERY PLAN "),
    change,
    fc.constantFrom("", " RETURNING *", "; SELECT 1"),
  )
  .map((parts) => parts.join(""));

it("changes neither file nor folder by any statement that reaches a reader, even without the gate", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), tables);
  const state = () => [createHash("sha256").update(readFileSync(file)).digest("hex"), readdirSync(folder.path)];
  const before = state();
  await using engines = await openPool(file);

  await fc.assert(
    fc.asyncProperty(fc.oneof(noise, hidden), fc.boolean(), async (sql, explained) => {
      await engines.failure({ kind: "query", sql, explained, limits }, { deadlineMs: 5000 });
      expect(state()).toEqual(before);
      expect(await engines.rows("SELECT a, b FROM t")).toEqual([[1, "x"]]);
    }),
    { numRuns: 500 },
  );
});

it("commits nothing by any statement of a dry run", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), tables);
  const hash = () => createHash("sha256").update(readFileSync(file)).digest("hex");
  const before = hash();
  await using engines = await openPool(file, { readWrite: true });

  await fc.assert(
    fc.asyncProperty(fc.oneof(noise, hidden), async (sql) => {
      const job = { kind: "write", sql, dryRun: true, maxAffectedRows: 0, limits } as const;
      await engines.failure(job, { deadlineMs: 5000 });
      await engines.failure({ kind: "ddl", sql, dryRun: true }, { deadlineMs: 5000 });
      expect(hash()).toBe(before);
    }),
    { numRuns: 300 },
  );
});
