import { KitError } from "@bothways/kit";
import { expect, it } from "vitest";
import { checkOptions, databasesOf, options, type SqliteOptions } from "../src/options.ts";

function parsed(values: Record<string, unknown>): SqliteOptions {
  return options.parse(values);
}

function startError(values: Record<string, unknown>): KitError | undefined {
  try {
    checkOptions(parsed(values));
    return undefined;
  } catch (error) {
    if (error instanceof KitError) return error;
    throw error;
  }
}

it("names a single database after its file", () => {
  expect(databasesOf(parsed({ dbPath: "/data/My Shop.db" }))).toEqual([
    { name: "my_shop", path: "/data/My Shop.db", source: "--db-path" },
  ]);
});

it("takes databases in order, the one without a name first", () => {
  const databases = databasesOf(parsed({ dbPath: "/data/a.db", db: ["b=/data/x=y.db", "c-1=/data/c.db"] }));

  expect(databases.map(({ name, path }) => [name, path])).toEqual([
    ["a", "/data/a.db"],
    ["b", "/data/x=y.db"],
    ["c-1", "/data/c.db"],
  ]);
});

it.each([
  [{}, "ERR_OPTION_MISSING", "--allow-dir"],
  [{ db: ["a=/x.db", "a=/y.db"] }, "ERR_OPTION_INVALID", "--db"],
  [{ dbPath: "/x/a.db", db: ["a=/y.db"] }, "ERR_OPTION_INVALID", "--db"],
  [{ db: ["/x/a.db"] }, "ERR_OPTION_INVALID", "--db"],
  [{ db: ["A=/x.db"] }, "ERR_OPTION_INVALID", "--db"],
  [{ db: ["a="] }, "ERR_OPTION_INVALID", "--db"],
  [{ db: [`${"a".repeat(33)}=/x.db`] }, "ERR_OPTION_INVALID", "--db"],
  [{ dbPath: "/x.db", create: true }, "ERR_OPTION_CONFLICT", "--read-write"],
  [{ dbPath: "/x.db", immutable: true, readWrite: true }, "ERR_OPTION_CONFLICT", "--immutable"],
])("refuses to start with %j", (values, code, flag) => {
  const error = startError(values);

  expect(error?.code).toBe(code);
  expect(error?.message).toContain(flag);
});

it.each([
  [{ dbPath: "/x.db" }],
  [{ db: ["a=/x.db", "b=/x.db"] }],
  [{ allowDir: ["/data"] }],
  [{ dbPath: "/x.db", readWrite: true, create: true }],
])("starts with %j", (values) => {
  expect(startError(values)).toBeUndefined();
});

it("has the documented defaults", () => {
  expect(parsed({})).toMatchObject({
    readWrite: false,
    create: false,
    immutable: false,
    queryTimeout: 10_000,
    maxRows: 1000,
    maxBytes: 65_536,
    maxCell: 4096,
    maxSql: 100_000,
    maxMemory: 512,
    maxGrowth: 1024,
    busyTimeout: 5000,
    maxAffectedRows: 10_000,
    readers: 2,
    maxQueue: 64,
    confirm: false,
    showPaths: false,
  });
});

it.each([
  ["queryTimeout", 99],
  ["queryTimeout", 600_001],
  ["maxRows", 0],
  ["maxRows", 10_001],
  ["readers", 0],
  ["readers", 9],
])("refuses %s %d", (key, value) => {
  expect(options.safeParse({ [key]: value }).success).toBe(false);
});

it("reads a plain number of a duration as milliseconds", () => {
  expect(parsed({ queryTimeout: "500" }).queryTimeout).toBe(500);
  expect(parsed({ queryTimeout: "5s" }).queryTimeout).toBe(5000);
});
