import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { JobOf } from "../src/engine/protocol.ts";
import { createDatabase, endless, inspect, openPool, scratch, until, writing } from "./engine-fixture.ts";

const items =
  "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL); INSERT INTO items VALUES (1, 'a', 1.5);";

function importing(fields: Partial<JobOf<"import_csv">>): JobOf<"import_csv"> {
  return {
    kind: "import_csv",
    table: "items",
    source: { content: "" },
    header: true,
    delimiter: ",",
    create: false,
    skipBadLines: false,
    dryRun: false,
    maxAffectedRows: 0,
    ...fields,
  };
}

it("imports records by their header, NULL for an empty field and an empty text in quotes", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true });

  const answer = await engines.run(importing({ source: { content: 'NAME,id\r\n"b ""x""\n",2\r\n,3\r\n"",4\r\n' } }));

  expect(answer).toEqual({ rows_imported: 3, rejected: [], rejected_count: 0, table: "items", committed: true });
  expect(inspect(file, "SELECT id, name, price FROM items WHERE id > 1")).toEqual([
    [2, 'b "x"\n', null],
    [3, null, null],
    [4, "", null],
  ]);
});

it("creates a table with types that keep every value, and without a header numbers the columns", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true });

  await engines.run(
    importing({ table: 'odd "name"', create: true, source: { content: "n,zip,price\n1,01234,2.5\n-2,5,3\n" } }),
  );
  await engines.run(
    importing({ table: "plain", create: true, header: false, source: { content: "a;1\nb;2\n" }, delimiter: ";" }),
  );

  expect(inspect(file, 'SELECT n, zip, price, typeof(n), typeof(zip) FROM "odd ""name"""')).toEqual([
    [1, "01234", 2.5, "integer", "text"],
    [-2, "5", 3, "integer", "text"],
  ]);
  expect(inspect(file, "SELECT column1, column2 FROM plain")).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
});

it("imports nothing when a line is rejected, unless bad lines are to be skipped", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true });
  const content = "id,name\n2,b\n3\n1,twice\n4,d\n";

  const refused = await engines.run(importing({ source: { content } }));
  const afterRefusal = inspect(file, "SELECT count(*) FROM items");
  const skipped = await engines.run(importing({ source: { content }, skipBadLines: true }));

  expect(refused).toEqual({
    rows_imported: 0,
    rejected: [
      { line: 3, reason: "has 1 fields, expected 2" },
      { line: 4, reason: "UNIQUE constraint failed: items.id." },
    ],
    rejected_count: 2,
    table: "items",
    committed: false,
  });
  expect(afterRefusal).toEqual([[1]]);
  expect(skipped).toMatchObject({ rows_imported: 2, rejected_count: 2, committed: true });
});

it.each([
  ["a plain table", "CREATE TABLE t (id INTEGER UNIQUE, n INTEGER)"],
  ["a table that keeps what came before a conflict", "CREATE TABLE t (id INTEGER UNIQUE ON CONFLICT FAIL, n INTEGER)"],
  [
    "a table with a trigger",
    "CREATE TABLE t (id INTEGER UNIQUE, n INTEGER); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
  ],
])("rejects exactly the rows that %s refuses, wherever they stand", async (_, sql) => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), sql);
  await using engines = await openPool(file, { readWrite: true });
  const twice = new Set([5, 16, 17, 32, 33, 34, 60]);
  const ids = Array.from({ length: 70 }, (_unused, index) => (twice.has(index) ? 1 : index + 100));
  const content = `id,n\n1,0\n${ids.map((id, index) => `${id},${index}`).join("\n")}\nshort\n`;

  const answer = await engines.run(importing({ table: "t", source: { content }, skipBadLines: true }));

  expect(answer).toMatchObject({ rows_imported: 64, rejected_count: 8, committed: true });
  expect(answer.rejected.map(({ line }) => line)).toEqual([8, 19, 20, 35, 36, 37, 63, 73]);
  expect(inspect(file, "SELECT count(*), sum(n) FROM t")).toEqual([[64, 2415 - 5 - 16 - 17 - 32 - 33 - 34 - 60]]);
});

it("rejects a row that refers to a later row of the same table, however many go into one statement", async () => {
  await using folder = await scratch();
  const file = createDatabase(
    folder.file("x.db"),
    "CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t)",
  );
  await using engines = await openPool(file, { readWrite: true });

  const answer = await engines.run(importing({ table: "t", source: { content: "id,parent\n1,2\n2,\n3,2\n" } }));

  expect(answer).toMatchObject({ rejected: [{ line: 2, reason: expect.stringContaining("FOREIGN KEY") }] });
});

it.each([
  [importing({ source: { content: "id,colour\n1,red\n" } }), /^INVALID_PARAMS: table "items" has no column "colour"/],
  [importing({ source: { content: "id,ID\n1,2\n" } }), /^INVALID_PARAMS: column "ID" is there twice/],
  [importing({ source: { content: "" } }), /^INVALID_PARAMS: the CSV is empty/],
  [importing({ table: "itms", source: { content: "id\n1\n" } }), /^TABLE_NOT_FOUND: .*"items"/],
  [importing({ create: true, source: { content: "id\n1\n" } }), /^SQLITE_ERROR: table "items" already exists/],
  [importing({ table: "sqlite_schema", source: { content: "name\n1\n" } }), /^SQLITE_ERROR: .*may not be modified/],
  [importing({ source: { file: "../x.csv" } }), /^PATH_DENIED: /],
  [importing({ source: { file: "/etc/hostname" } }), /^PATH_DENIED: /],
  [importing({ source: { file: "link.csv" } }), /^PATH_DENIED: /],
  [importing({ source: { file: "folder" } }), /^PATH_DENIED: /],
  [importing({ source: { file: "missing.csv" } }), /^PATH_DENIED: there is no such file/],
  [importing({ source: { file: "x.db" } }), /^PATH_DENIED: the file belongs to an open database/],
])("refuses an import that does not fit: %o", async (job, message) => {
  await using folder = await scratch();
  mkdirSync(folder.file("in/folder"), { recursive: true });
  writeFileSync(folder.file("x.csv"), "id\n7\n");
  symlinkSync(folder.file("x.csv"), folder.file("in/link.csv"));
  const file = createDatabase(folder.file("in/x.db"), items);
  await using engines = await openPool(file, { readWrite: true, importDir: folder.file("in") });

  const failure = await engines.failure(job);

  expect(failure).toMatch(message);
  expect(failure).not.toContain(folder.path);
  expect(inspect(file, "SELECT count(*) FROM items")).toEqual([[1]]);
});

it("imports a file in pieces, whatever characters they cut through", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), "CREATE TABLE t (a TEXT, b INTEGER)");
  const lines = Array.from({ length: 30_000 }, (_, index) => `"äöü😀 ""${index}""\r\nline",${index}`);
  writeFileSync(folder.file("big.csv"), `\uFEFFa,b\r\n${lines.join("\r\n")}\r\n`);
  await using engines = await openPool(file, { readWrite: true, importDir: folder.path });

  const answer = await engines.run(importing({ table: "t", source: { file: "big.csv" } }));

  expect(answer).toMatchObject({ rows_imported: 30_000, committed: true });
  expect(inspect(file, "SELECT a FROM t WHERE b = 29999")).toEqual([['äöü😀 "29999"\r\nline']]);
  expect(inspect(file, "SELECT count(*) FROM t WHERE a GLOB 'äöü😀 \"*\"*line'")).toEqual([[30_000]]);
});

it("exports rows as CSV, JSON and NDJSON with size and hash, and guards formulas", async () => {
  await using folder = await scratch();
  const file = createDatabase(
    folder.file("x.db"),
    `CREATE TABLE t (a, b, c); INSERT INTO t VALUES (1, '=1+1', 9223372036854775807), (NULL, 'x,"y"', x'00ff');`,
  );
  mkdirSync(folder.file("out"));
  await using engines = await openPool(file, { exportDir: folder.file("out") });
  const job = { kind: "export_query", sql: "SELECT a, b, c, a AS a FROM t" } as const;

  const csv = await engines.run<"export_query">({ ...job, fileName: "t.csv", format: "csv" });
  await engines.run<"export_query">({ ...job, fileName: "t.json", format: "json" });
  await engines.run<"export_query">({ ...job, fileName: "t.ndjson", format: "ndjson" });
  await engines.run<"export_query">({ ...job, sql: "SELECT 1 AS x WHERE 0", fileName: "none.json", format: "json" });
  const text = readFileSync(folder.file("out/t.csv"), "utf8");

  expect(text).toBe(`a,b,c,a_2\r\n1,'=1+1,9223372036854775807,1\r\n,"x,""y""",AP8=,\r\n`);
  expect(csv).toEqual({
    file_name: "t.csv",
    rows: 2,
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  });
  expect(JSON.parse(readFileSync(folder.file("out/t.json"), "utf8"))).toEqual([
    { a: 1, b: "=1+1", c: "9223372036854775807", a_2: 1 },
    { a: null, b: 'x,"y"', c: { $blob: "AP8=" }, a_2: null },
  ]);
  expect(readFileSync(folder.file("out/t.ndjson"), "utf8").trimEnd().split("\n")).toHaveLength(2);
  expect(readFileSync(folder.file("out/none.json"), "utf8")).toBe("[]\n");
  expect(readdirSync(folder.file("out"))).toEqual(["none.json", "t.csv", "t.json", "t.ndjson"]);
});

it.each(["../x.csv", "a/b.csv", "", ".hidden", "x\0.csv", " x.csv", "taken.csv", "a\\b.csv"])(
  "writes no export and no backup to the name %j",
  async (fileName) => {
    await using folder = await scratch();
    mkdirSync(folder.file("out"));
    writeFileSync(folder.file("out/taken.csv"), "mine");
    await using engines = await openPool(createDatabase(folder.file("x.db"), items), {
      exportDir: folder.file("out"),
      backupDir: folder.file("out"),
    });

    const exported = await engines.failure({ kind: "export_query", sql: "SELECT 1", fileName, format: "csv" });
    const backedUp = await engines.failure({ kind: "backup_database", fileName });

    expect([exported, backedUp]).toEqual([
      expect.stringMatching(/^PATH_DENIED: /),
      expect.stringMatching(/^PATH_DENIED: /),
    ]);
    expect(readdirSync(folder.path)).toEqual(["out", "x.db"]);
    expect(readFileSync(folder.file("out/taken.csv"), "utf8")).toBe("mine");
  },
);

it("leaves nothing behind when an export fails or is killed", async () => {
  await using folder = await scratch();
  mkdirSync(folder.file("out"));
  await using engines = await openPool(createDatabase(folder.file("x.db"), items), { exportDir: folder.file("out") });
  const job = { kind: "export_query", fileName: "x.csv", format: "csv" } as const;

  const failed = await engines.failure({ ...job, sql: "SELECT nope FROM items" });
  const killed = await engines.failure({ ...job, sql: `${endless} SELECT x FROM c` }, { deadlineMs: 800 });

  expect(failed).toMatch(/^SQLITE_ERROR: /);
  expect(killed).toMatch(/^TIMEOUT: /);
  await until(() => readdirSync(folder.file("out")).length === 0, 1000);
});

it("backs up a database while somebody writes to it", async () => {
  await using folder = await scratch();
  mkdirSync(folder.file("out"));
  const file = createDatabase(
    folder.file("x.db"),
    `CREATE TABLE t (a); ${endless} INSERT INTO t SELECT hex(randomblob(200)) FROM c LIMIT 20000;`,
  );
  await using engines = await openPool(file, { readWrite: true, backupDir: folder.file("out"), busyTimeout: 10_000 });
  let writes = 0;
  const stop = new AbortController();
  const writer = (async () => {
    while (!stop.signal.aborted) {
      await engines.run(writing("INSERT INTO t VALUES ('during')"));
      writes += 1;
    }
  })();

  const answer = await engines.run<"backup_database">({ kind: "backup_database", fileName: "copy.db" });

  stop.abort();
  await writer;
  const copy = readFileSync(folder.file("out/copy.db"));
  expect(writes).toBeGreaterThan(0);
  expect(answer).toMatchObject({
    file_name: "copy.db",
    bytes: copy.length,
    pages: copy.length / 4096,
    sha256: createHash("sha256").update(copy).digest("hex"),
  });
  expect(readdirSync(folder.file("out"))).toEqual(["copy.db"]);
  expect(inspect(folder.file("out/copy.db"), "PRAGMA integrity_check")).toEqual([["ok"]]);
  expect(Number(inspect(folder.file("out/copy.db"), "SELECT count(*) FROM t")[0]?.[0])).toBeGreaterThanOrEqual(20_000);
});

it("checks a database: damage, broken foreign keys, pages", async () => {
  await using folder = await scratch();
  const file = createDatabase(
    folder.file("x.db"),
    `PRAGMA foreign_keys=0; CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE k (p REFERENCES p); INSERT INTO k VALUES (9);`,
  );
  await using engines = await openPool(file);

  const quick = await engines.run<"check_database">({ kind: "check_database", deep: false });
  const deep = await engines.run<"check_database">({ kind: "check_database", deep: true });

  expect(quick).toEqual({
    ok: false,
    problems: [],
    foreign_key_problems: [{ table: "k", rowid: 1, parent: "p", foreign_key: 0 }],
    page_count: 3,
    free_pages: 0,
  });
  expect(deep).toEqual(quick);
});
