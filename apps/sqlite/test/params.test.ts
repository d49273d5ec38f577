import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { JobError } from "../src/engine/job-error.ts";
import { bindingsFor, driverArguments } from "../src/sql/params.ts";

const db = new Database(":memory:");
afterAll(() => db.close());

function firstRow(sql: string, params: unknown): unknown {
  return db
    .prepare(sql)
    .raw()
    .safeIntegers()
    .get(...driverArguments(bindingsFor(sql, params)));
}

function refusal(sql: string, params: unknown): string {
  try {
    bindingsFor(sql, params);
  } catch (error) {
    if (error instanceof JobError) return `${error.failure.code}: ${error.failure.sentence}`;
  }
  return "accepted";
}

it.each([
  ["select typeof(?), typeof(?), typeof(?)", [5, 5.5, 1e300], ["integer", "real", "real"]],
  ["select ?, ?, ?", [true, false, null], [1n, 0n, null]],
  ["select ?", [{ $int: "9223372036854775807" }], [9223372036854775807n]],
  ["select ?", [{ $int: "-9223372036854775808" }], [-9223372036854775808n]],
  ["select hex(?)", [{ $blob: "AP8=" }], ["00FF"]],
  ["select hex(?)", [{ $blob: "" }], [""]],
  ["select ?1, ?2, ?1", ["a", "b"], ["a", "b", "a"]],
  ["select ?2, ?", ["a", "b", "c"], ["b", "c"]],
  ["select ?, ?1", ["a"], ["a", "a"]],
  ["select :a, @a, $b", { a: "x", b: 2 }, ["x", "x", 2n]],
  ["select :übung", { übung: 1 }, [1n]],
  ["select ':no', \"\", /* :no */ 1 -- ?", undefined, [":no", "", 1n]],
  ["select 1", [], [1n]],
  ["select 1", {}, [1n]],
])("binds %s with %j", (sql, params, row) => {
  expect(firstRow(sql.replace(', ""', ", ''"), params)).toEqual(row);
});

it("binds a parameter called __proto__ like any other", () => {
  const params: unknown = JSON.parse('{"__proto__": 7}');

  expect(firstRow("select :__proto__", params)).toEqual([7n]);
});

it.each([
  ["select ?, ?", [1], "parameter 2 is missing"],
  ["select ?", [1, 2], "the statement takes 1, params holds 2"],
  ["select :a, :b", { a: 1 }, "no value for b"],
  ["select :a", { a: 1, zzz: 2 }, "no parameter zzz"],
  ["select :a", [1], "the statement names :a"],
  ["select ?", { a: 1 }, "? parameters"],
  ["select :a", undefined, ":a"],
  ["select ?", "text", "neither an array nor an object"],
  ["select 1", [1], "the statement takes 0, params holds 1"],
  ["select :a", { a: [1] }, "a is no value"],
  ["select :a", { a: { $int: "1", more: 2 } }, "a is no value"],
  ["select ?", [{ $int: "9223372036854775808" }], "$int of params[0]"],
  ["select ?", [{ $int: 5 }], "$int of params[0]"],
  ["select ?", [{ $int: " 5" }], "$int of params[0]"],
  ["select ?", [{ $blob: "%%%" }], "$blob of params[0]"],
  ["select ?", [{ $blob: "A" }], "$blob of params[0]"],
])("refuses %s with %j and says why", (sql, params, fact) => {
  const text = refusal(sql, params);

  expect(text).toMatch(/^INVALID_PARAMS: /);
  expect(text).toContain(fact);
});

it("gives back every integer, text and blob that was bound", () => {
  const value = fc.oneof(
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((integer) => [{ $int: String(integer) }, integer] as const),
    fc.string({ unit: "binary" }).map((text) => [text, text] as const),
    fc.uint8Array().map((blob) => [{ $blob: Buffer.from(blob).toString("base64") }, Buffer.from(blob)] as const),
  );

  fc.assert(
    fc.property(value, ([given, stored]) => {
      expect(firstRow("select ?", [given])).toEqual([stored]);
    }),
    { numRuns: 200 },
  );
});
