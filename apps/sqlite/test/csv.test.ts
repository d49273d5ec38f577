import fc from "fast-check";
import { expect, it } from "vitest";
import { CsvReader, csvField } from "../src/sql/csv.ts";
import { csvHeader, csvLine, jsonObject } from "../src/sql/export-values.ts";

function read(text: string, delimiter = ",", pieceLength = text.length) {
  const reader = new CsvReader(delimiter);
  const records = [];
  for (let at = 0; at < text.length; at += Math.max(pieceLength, 1)) {
    records.push(...reader.push(text.slice(at, at + Math.max(pieceLength, 1))));
  }
  const last = reader.end();
  return last === undefined ? records : [...records, last];
}

it.each([
  [
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "a,b\r\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "a,b\r1,2\r",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["\uFEFFa\nb", [["a"], ["b"]]],
  ['"a,b","c""d","e\nf"', [["a,b", 'c"d', "e\nf"]]],
  [',"",x,', [[null, "", "x", null]]],
  ["a\n\n\r\nb\n", [["a"], ["b"]]],
  ['6" pipe,2', [['6" pipe', "2"]]],
  ["=1+1,-2", [["=1+1", "-2"]]],
])("reads %j", (text, fields) => {
  expect(read(text).map((record) => record.fields)).toEqual(fields);
});

it("numbers records by the line they start on", () => {
  const records = read('a\r\n"b\r\nc\nd"\r\n\r\ne');

  expect(records.map(({ line }) => line)).toEqual([1, 2, 6]);
});

it("takes another delimiter", () => {
  expect(read("a;b,c\td", ";").map(({ fields }) => fields)).toEqual([["a", "b,c\td"]]);
});

it.each([
  ['a\n"open,b\nc', 2, "never closed"],
  ['a\n"x"y,b\nc', 2, "follows a closing quote"],
])("reports what is wrong with a record of %j", (text, line, problem) => {
  const bad = read(text).find((record) => record.problem !== undefined);

  expect(bad?.line).toBe(line);
  expect(bad?.problem).toContain(problem);
});

it("reads the same records however the text is cut into pieces", () => {
  const field = fc.oneof(fc.constant(null), fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", " ") }));
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });

  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 7 }), (rows, pieceLength) => {
      const text = rows.map((row) => row.map(quoted).join(",")).join("\r\n");

      expect(read(text, ",", pieceLength).map(({ fields }) => fields)).toEqual(rows);
    }),
  );
});

function quoted(value: string | null): string {
  return value === null ? "" : `"${value.replaceAll('"', '""')}"`;
}

it.each([
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@a", "'@a"],
  ["\tx", "'\tx"],
  ["\rx", '"\'\rx"'],
  ["a=1", "a=1"],
  ["'=1", "'=1"],
])("keeps a spreadsheet from running %j", (text, field) => {
  expect(csvField(text, true)).toBe(field);
});

it("exports values of each kind so that NULL, empty text and numbers stay apart", () => {
  const line = csvLine([
    null,
    "",
    "a,b",
    -5n,
    9007199254740993n,
    -1.5,
    Number.POSITIVE_INFINITY,
    Buffer.from([0, 255]),
  ]);

  expect(line).toBe(',"","a,b",-5,9007199254740993,-1.5,Infinity,AP8=');
  expect(csvHeader(["=x", "a"])).toBe("'=x,a");
});

it("exports JSON objects without losing a digit or a key", () => {
  const row = [1n, 9007199254740993n, Number.NEGATIVE_INFINITY, null, "x", Buffer.from([0, 255])];

  const object = jsonObject(["a", "b", "c", "__proto__", "e", "f"], row);

  expect(object).toBe('{"a":1,"b":"9007199254740993","c":"-Infinity","__proto__":null,"e":"x","f":{"$blob":"AP8="}}');
});
