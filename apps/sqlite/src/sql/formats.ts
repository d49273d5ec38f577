/** The text block of a result, in four forms, cut so that it obeys the same byte cap as the rows. */
import { csvField } from "./csv.ts";
import type { EncodedCells, EncodedRows, JsonCell, TruncatedBy } from "./values.ts";

/** Form of the text block. */
export type TextFormat = "json" | "objects" | "csv" | "markdown";

/** Rows and their text, which show the same rows. */
export interface Rendered<Rows extends EncodedRows> {
  readonly result: Rows;
  readonly text: string;
}

interface Form {
  readonly head: string;
  readonly between: string;
  row(cells: readonly JsonCell[]): string;
  tail(result: EncodedRows): string;
}

/**
 * Renders rows as text of at most `maxBytes` UTF-8 bytes and drops the rows that do not fit from the result too.
 *
 * @param offset Rows the query had skipped, to count `next_offset` from.
 * @returns undefined when not even the first row fits.
 */
export function render<Rows extends EncodedRows>(
  result: Rows,
  format: TextFormat,
  maxBytes: number,
  offset: number,
): Rendered<Rows> | undefined {
  const form = forms[format](result.columns.map(({ name }) => name));
  const lines = result.rows.map((row) => form.row(row));
  const whole = joined(form, lines, result);
  if (Buffer.byteLength(whole) <= maxBytes) return { result, text: whole };
  let room = maxBytes - Buffer.byteLength(form.head);
  let kept = 0;
  for (const line of lines) {
    room -= Buffer.byteLength(line) + (kept > 0 ? form.between.length : 0);
    if (room < 0) break;
    kept += 1;
  }
  // The tail's length depends on the numbers in it, so that the last rows go one by one.
  for (; kept > 0; kept -= 1) {
    const cut = firstRows(result, kept, offset);
    const text = joined(form, lines.slice(0, kept), cut);
    if (Buffer.byteLength(text) <= maxBytes) return { result: cut, text };
  }
  return undefined;
}

function joined(form: Form, lines: readonly string[], result: EncodedRows): string {
  return form.head + lines.join(form.between) + form.tail(result);
}

function firstRows<Rows extends EncodedRows>(result: Rows, kept: number, offset: number): Rows {
  if (kept === result.rows.length) return result;
  const causes = new Set<TruncatedBy>(["bytes", ...result.truncated_by.filter((cause) => cause !== "rows")]);
  return {
    ...result,
    rows: result.rows.slice(0, kept),
    row_count: kept,
    truncated: true,
    truncated_by: [...causes],
    next_offset: offset + kept,
    encoded_cells: result.encoded_cells.flatMap((cells) => cellsBefore(kept, cells)),
  };
}

function cellsBefore(kept: number, cells: EncodedCells): EncodedCells[] {
  if (cells.rows === "all") return [cells];
  const rows = cells.rows.filter((row) => row < kept);
  return rows.length === 0 ? [] : [{ ...cells, rows }];
}

type FormOf = (names: readonly string[]) => Form;

const json: FormOf = (names) => ({
  head: `{"columns":${JSON.stringify(names)},"rows":[`,
  between: ",",
  row: (cells) => JSON.stringify(cells),
  tail: jsonTail,
});

const objects: FormOf = (names) => {
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  return {
    head: '{"rows":[',
    between: ",",
    // Built by hand: a column may be called `__proto__`.
    row: (cells) => `{${cells.map((cell, index) => (keys[index] ?? "") + JSON.stringify(cell)).join(",")}}`,
    tail: jsonTail,
  };
};

const csv: FormOf = (names) => ({
  head: `${names.map((name) => csvField(name, false)).join(",")}\n`,
  between: "\n",
  row: (cells) => cells.map((cell) => (cell === null ? "" : csvField(plain(cell), false))).join(","),
  tail: (result) => (result.truncated ? `\n# ${cutNote(result)}` : ""),
});

const markdown: FormOf = (names) => ({
  head: `| ${names.map(markdownCell).join(" | ")} |\n|${names.map(() => " --- |").join("")}\n`,
  between: "\n",
  row: (cells) => `| ${cells.map((cell) => (cell === null ? "NULL" : markdownCell(plain(cell)))).join(" | ")} |`,
  tail: (result) => (result.truncated ? `\n\n${cutNote(result)}` : ""),
});

const forms: Readonly<Record<TextFormat, FormOf>> = { json, objects, csv, markdown };

function jsonTail({ row_count: rows, truncated, next_offset: next }: EncodedRows): string {
  const cut = truncated ? ',"truncated":true' : "";
  return `],"row_count":${rows}${cut}${next === null ? "" : `,"next_offset":${next}`}}`;
}

function cutNote({ truncated_by: causes, next_offset: next }: EncodedRows): string {
  return `truncated by ${causes.join(", ")}${next === null ? "" : `; next_offset ${next}`}`;
}

function plain(cell: Exclude<JsonCell, null>): string {
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

/** One line per row: a cell can neither end its row nor its column. */
function markdownCell(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replaceAll(/\r\n|[\r\n]/g, "<br>");
}
