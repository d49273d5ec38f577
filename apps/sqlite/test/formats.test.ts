import fc from "fast-check";
import { expect, it } from "vitest";
import { render, type TextFormat } from "../src/sql/formats.ts";
import type { EncodedRows } from "../src/sql/values.ts";

const sample: EncodedRows = {
  columns: [
    { name: "id", type: "INTEGER", table: "t" },
    { name: "a|b", type: "TEXT", table: "t" },
  ],
  rows: [
    [1, "x, y"],
    ["9007199254740993", null],
    [3, { $blob: { bytes: 1, base64: "AA==" } }],
  ],
  row_count: 3,
  truncated: false,
  truncated_by: [],
  next_offset: null,
  encoded_cells: [{ column: "id", as: "integer", rows: "all" }],
};

it.each([
  [
    "json",
    '{"columns":["id","a|b"],"rows":[[1,"x, y"],["9007199254740993",null],[3,{"$blob":{"bytes":1,"base64":"AA=="}}]],"row_count":3}',
  ],
  [
    "objects",
    '{"rows":[{"id":1,"a|b":"x, y"},{"id":"9007199254740993","a|b":null},{"id":3,"a|b":{"$blob":{"bytes":1,"base64":"AA=="}}}],"row_count":3}',
  ],
  ["csv", 'id,a|b\n1,"x, y"\n9007199254740993,\n3,"{""$blob"":{""bytes"":1,""base64"":""AA==""}}"'],
  [
    "markdown",
    '| id | a\\|b |\n| --- | --- |\n| 1 | x, y |\n| 9007199254740993 | NULL |\n| 3 | {"$blob":{"bytes":1,"base64":"AA=="}} |',
  ],
] as const)("writes rows as %s", (format, text) => {
  expect(render(sample, format, 65_536, 0)?.text).toBe(text);
});

const cut: EncodedRows = { ...sample, truncated: true, truncated_by: ["rows"], next_offset: 3 };

it.each([
  ["json", '"row_count":3,"truncated":true,"next_offset":3}'],
  ["objects", '"row_count":3,"truncated":true,"next_offset":3}'],
  ["csv", "\n# truncated by rows; next_offset 3"],
  ["markdown", "\n\ntruncated by rows; next_offset 3"],
] as const)("says in %s that rows are missing and where to go on", (format, end) => {
  expect(render(cut, format, 65_536, 0)?.text.endsWith(end)).toBe(true);
});

it("keeps a cell from ending its row or its column in markdown", () => {
  const result = { ...sample, rows: [[1, "a\nb\r\nc | d \\| e"]], row_count: 1 };

  expect(render(result, "markdown", 65_536, 0)?.text.split("\n")[2]).toBe("| 1 | a<br>b<br>c \\| d \\\\\\| e |");
});

it("drops a row that does not fit from the text and from the result", () => {
  const rendered = render(sample, "objects", 110, 20);

  expect(rendered?.text).toBe('{"rows":[{"id":1,"a|b":"x, y"}],"row_count":1,"truncated":true,"next_offset":21}');
  expect(rendered?.result).toMatchObject({
    rows: [[1, "x, y"]],
    row_count: 1,
    truncated_by: ["bytes"],
    next_offset: 21,
  });
});

it("gives nothing when not even the first row fits", () => {
  expect(render(sample, "json", 60, 0)).toBeUndefined();
});

it("never passes the limit, and shows the same rows in text and result", () => {
  const cell = fc.oneof(fc.constant(null), fc.integer(), fc.string({ unit: "grapheme", maxLength: 12 }));
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 });
  const formats: TextFormat[] = ["json", "objects", "csv", "markdown"];

  fc.assert(
    fc.property(rows, fc.constantFrom(...formats), fc.integer({ min: 100, max: 1500 }), (cells, format, limit) => {
      const rendered = render({ ...sample, rows: cells, row_count: cells.length, encoded_cells: [] }, format, limit, 0);
      if (rendered === undefined) return;
      const { text, result } = rendered;
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(result.row_count).toBe(result.rows.length);
      expect(result.truncated).toBe(result.rows.length < cells.length);
      const shown: unknown = format === "json" ? JSON.parse(text) : result;
      expect(shown).toMatchObject({ rows: result.rows, row_count: result.row_count });
    }),
  );
});
