/**
 * Turns SQLite rows into JSON without losing anything, under caps. Runs inside the engine process, so it imports
 * nothing.
 */

/** One cell as it stands in `structuredContent.rows`. */
export type JsonCell = null | number | string | BlobMarker;

/** Stands for a BLOB: its full length and its first bytes. */
interface BlobMarker {
  readonly $blob: { readonly bytes: number; readonly base64: string };
}

/** One result column; `name` is unique in its result. */
export interface ResultColumn {
  readonly name: string;
  /** Declared type, or null for an expression. */
  readonly type: string | null;
  /** Table the values come from, or null for an expression. */
  readonly table: string | null;
}

/** Says which string cells of a column stand for numbers; row indices count from 0 in the rows returned. */
export interface EncodedCells {
  readonly column: string;
  readonly as: "integer" | "real";
  /** `"all"`: every string in the column. */
  readonly rows: "all" | readonly number[];
}

/** Why a result is shorter than what the query gave. */
export type TruncatedBy = "rows" | "bytes" | "cell";

/** Caps of one result. */
export interface RowLimits {
  /** Most rows returned. */
  readonly rows: number;
  /** Most bytes of the rows as JSON. */
  readonly bytes: number;
  /** Most UTF-16 units of one text cell. */
  readonly cell: number;
  /** Rows skipped first. */
  readonly offset: number;
}

/** Rows of one statement, in the shape and under the names of `read_query`'s result. */
export interface EncodedRows {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly JsonCell[])[];
  readonly row_count: number;
  readonly truncated: boolean;
  readonly truncated_by: readonly TruncatedBy[];
  /** Where to go on after a cut by rows or bytes. */
  readonly next_offset: number | null;
  readonly encoded_cells: readonly EncodedCells[];
}

/** What the driver says about a column (`Statement.columns()`). */
export interface SourceColumn {
  readonly name: string;
  readonly type: string | null;
  readonly table: string | null;
}

/** The first row alone is over the byte cap, so that no offset could ever pass it. */
export class RowTooLargeError extends Error {
  override readonly name = "RowTooLargeError";
}

const blobPreviewBytes = 256;
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Reads rows until they end or a cap is reached.
 *
 * @param rows `statement.raw().safeIntegers().iterate(…)`; left early when a cap is reached.
 * @param columns Called after the first step, when the driver's answer matches the rows.
 * @throws {RowTooLargeError} when the first row after `offset` is over `limits.bytes`.
 */
export function encodeRows(
  rows: Iterable<readonly unknown[]>,
  columns: () => readonly SourceColumn[],
  limits: RowLimits,
): EncodedRows {
  const encoder = new CellEncoder(limits.cell);
  const encoded: JsonCell[][] = [];
  const cuts = new Set<TruncatedBy>();
  let toSkip = limits.offset;
  let bytes = 2;
  for (const row of rows) {
    if (toSkip > 0) {
      toSkip -= 1;
      continue;
    }
    if (encoded.length >= limits.rows) {
      cuts.add("rows");
      break;
    }
    const cells = encoder.encodeRow(row, encoded.length);
    bytes += Buffer.byteLength(JSON.stringify(cells)) + (encoded.length > 0 ? 1 : 0);
    if (bytes > limits.bytes) {
      if (encoded.length === 0) throw new RowTooLargeError();
      cuts.add("bytes");
      break;
    }
    encoded.push(cells);
  }
  const resultColumns = uniqueNames(columns());
  const cut = cuts.size > 0;
  if (encoder.shortenedBefore(encoded.length)) cuts.add("cell");
  return {
    columns: resultColumns,
    rows: encoded,
    row_count: encoded.length,
    truncated: cuts.size > 0,
    truncated_by: [...cuts],
    next_offset: cut ? limits.offset + encoded.length : null,
    encoded_cells: encoder.encodedCells(resultColumns, encoded.length),
  };
}

/** What became of the strings of one column. */
interface ColumnTally {
  readonly integer: number[];
  readonly real: number[];
  readonly text: number[];
}

/** Encodes cells and remembers which strings stand for numbers and which texts were shortened. */
class CellEncoder {
  readonly #maxText: number;
  readonly #tallies: ColumnTally[] = [];
  #firstShortened = Number.POSITIVE_INFINITY;

  constructor(maxText: number) {
    this.#maxText = maxText;
  }

  encodeRow(row: readonly unknown[], rowIndex: number): JsonCell[] {
    return row.map((value, column) => this.#encode(value, column, rowIndex));
  }

  /** True when a cell of the first `rows` rows was shortened. */
  shortenedBefore(rows: number): boolean {
    return this.#firstShortened < rows;
  }

  encodedCells(columns: readonly ResultColumn[], rows: number): EncodedCells[] {
    return columns.flatMap(({ name }, index) => {
      const tally = this.#tallies[index];
      if (tally === undefined) return [];
      // The last row encoded may have been cut off again.
      const integer = keepBefore(rows, tally.integer);
      const real = keepBefore(rows, tally.real);
      const text = keepBefore(rows, tally.text);
      const entries: EncodedCells[] = [];
      const textless = text.length === 0;
      if (integer.length > 0) {
        entries.push({ column: name, as: "integer", rows: textless && real.length === 0 ? "all" : integer });
      }
      if (real.length > 0) {
        entries.push({ column: name, as: "real", rows: textless && integer.length === 0 ? "all" : real });
      }
      return entries;
    });
  }

  #encode(value: unknown, column: number, row: number): JsonCell {
    if (typeof value === "string") {
      this.#noteText(column, row);
      if (value.length <= this.#maxText) return value;
      this.#shortened(row);
      return shorten(value, this.#maxText);
    }
    if (typeof value === "bigint") {
      if (value <= maxSafe && value >= -maxSafe) return Number(value);
      this.#tally(column).integer.push(row);
      return value.toString();
    }
    if (typeof value === "number") {
      if (Number.isFinite(value)) return value;
      // SQLite stores NaN as NULL, so only the infinities arrive here.
      this.#tally(column).real.push(row);
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return value instanceof Uint8Array ? this.#encodeBlob(value, row) : null;
  }

  #encodeBlob(blob: Uint8Array, row: number): BlobMarker {
    if (blob.byteLength > blobPreviewBytes) this.#shortened(row);
    const start = Buffer.from(blob.buffer, blob.byteOffset, Math.min(blob.byteLength, blobPreviewBytes));
    return { $blob: { bytes: blob.byteLength, base64: start.toString("base64") } };
  }

  #tally(column: number): ColumnTally {
    return (this.#tallies[column] ??= { integer: [], real: [], text: [] });
  }

  /** One text is enough to rule out `"all"`; the first one is the one that no cut can take away. */
  #noteText(column: number, row: number): void {
    const { text } = this.#tally(column);
    if (text.length === 0) text.push(row);
  }

  #shortened(row: number): void {
    if (row < this.#firstShortened) this.#firstShortened = row;
  }
}

function keepBefore(rows: number, list: readonly number[]): number[] {
  return list.filter((row) => row < rows);
}

/** Keeps whole characters: a prefix never ends between the two halves of a surrogate pair. */
function shorten(text: string, maxText: number): string {
  const last = text.charCodeAt(maxText - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? maxText - 1 : maxText;
  return `${text.slice(0, end)}…[truncated, ${text.length} chars]`;
}

/** Gives repeated names the suffixes `_2`, `_3`, … that no other column has. */
function uniqueNames(columns: readonly SourceColumn[]): ResultColumn[] {
  const taken = new Set(columns.map(({ name }) => name));
  const seen = new Set<string>();
  return columns.map(({ name, type, table }) => {
    let unique = name;
    if (seen.has(name)) {
      for (let count = 2; taken.has(unique); count += 1) unique = `${name}_${count}`;
      taken.add(unique);
    }
    seen.add(name);
    return { name: unique, type, table };
  });
}
