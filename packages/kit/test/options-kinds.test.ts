import * as fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { expectation, formatValue } from "../src/options/kind.ts";
import { bytes, defaultOf, duration, kindOf, list, path } from "../src/options/kinds.ts";

it.each([
  ["0", 0],
  ["65536", 65_536],
  ["64kb", 65_536],
  ["64KB", 65_536],
  ["64KiB", 65_536],
  ["64kib", 65_536],
  ["64k", 65_536],
  ["1m", 1_048_576],
  ["1mb", 1_048_576],
  ["1mib", 1_048_576],
  ["1MiB", 1_048_576],
  ["2g", 2_147_483_648],
  ["2GiB", 2_147_483_648],
  ["7b", 7],
  [4096, 4096],
])("reads the size %j", (given, value) => {
  expect(bytes().parse(given)).toBe(value);
});

it.each([
  "",
  " 1",
  "1 kb",
  "1.5mb",
  "-1",
  "+1",
  "1e3",
  "0x10",
  "kb",
  "1tb",
  "1ib",
  "9007199254740993",
  1.5,
  -1,
  Number.NaN,
])("refuses the size %j", (given) => {
  expect(bytes().safeParse(given).success).toBe(false);
});

it.each([
  ["0", 0],
  ["0ms", 0],
  ["500ms", 500],
  ["10s", 10_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  [1500, 1500],
])("reads the duration %j", (given, value) => {
  expect(duration().parse(given)).toBe(value);
});

it.each(["", "10", "1.5s", "-1s", "1 s", "5M", "10S", "1d", "s", "597h", 1.5, Number.POSITIVE_INFINITY])(
  "refuses the duration %j",
  (given) => {
    expect(duration().safeParse(given).success).toBe(false);
  },
);

it("reads a bare number in the unit that the option declares", () => {
  expect(duration({ plain: "s" }).parse("15")).toBe(15_000);
  expect(duration({ plain: "ms" }).parse("15")).toBe(15);
  expect(duration({ plain: "s" }).parse("15ms")).toBe(15);
});

it("holds measures to their bounds, both inclusive", () => {
  const size = bytes({ min: 4096, max: 8192 });
  const time = duration({ min: 1000, max: 2000 });

  expect(["4095", "4kb", "8kb", "8193"].map((text) => size.safeParse(text).success)).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(["999ms", "1s", "2s", "2001ms"].map((text) => time.safeParse(text).success)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

it("reads every value that it writes", () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.nat({ max: 2_147_483_647 }), (size, time) => {
      expect(bytes().parse(formatValue(kindOf(bytes()), size))).toBe(size);
      expect(duration().parse(formatValue(kindOf(duration()), time))).toBe(time);
    }),
  );
});

it.each([
  [z.string(), "text"],
  [z.url(), "text"],
  [path(), "a path"],
  [path().min(3), "a path"],
  [z.boolean(), "true or false"],
  [z.enum(["a", "b"]), "one of a, b"],
  [z.enum(["a"]), "a"],
  [z.number(), "a number"],
  [z.number().min(0), "a number of at least 0"],
  [z.number().max(9), "a number up to 9"],
  [z.int(), "a whole number"],
  [z.number().int().min(1).max(8), "a whole number from 1 to 8"],
  [bytes({ min: 4096, max: 16_777_216 }), "a size (65536, 64kb, 1mib) from 4KiB to 16MiB"],
  [bytes(), "a size (65536, 64kb, 1mib) of at least 0"],
  [duration({ min: 1000, max: 90_000 }), "a duration (500ms, 10s, 5m, 2h) from 1s to 90s"],
  [list(z.number()), "a list, each item a number"],
])("knows the kind of schema %#", (schema, text) => {
  expect(expectation(kindOf(schema))).toBe(text);
});

it("finds the kind through what wraps it", () => {
  const size = bytes({ max: 1024 });

  const kinds = [
    size.default(1),
    size.optional(),
    size.refine((value) => value % 2 === 0),
    size.describe("x"),
    size.transform((value) => value / 2),
    z.preprocess((value) => value, size),
    size.nullable().readonly().catch(1),
  ].map((schema) => kindOf(schema));

  expect(new Set(kinds)).toEqual(new Set([kindOf(size)]));
});

it("finds the default through what wraps it", () => {
  expect(defaultOf(z.string().default("a").optional())).toBe("a");
  expect(defaultOf(z.string().prefault("b"))).toBe("b");
  expect(defaultOf(z.string().optional())).toBeUndefined();
});

it.each([
  [z.object({})],
  [z.record(z.string(), z.string())],
  [z.date()],
  [z.union([z.object({}), z.array(z.object({}))])],
])("refuses schema %# that text cannot fill", (schema) => {
  expect(() => kindOf(schema)).toThrow(expect.objectContaining({ code: "ERR_DEFINITION_INVALID" }));
});
