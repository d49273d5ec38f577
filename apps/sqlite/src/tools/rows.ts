import { failure, type ToolResult } from "@bothways/kit";
import { z } from "zod";
import type { QueryAnswer, ReturnedRows } from "../engine/protocol.ts";
import { render, type TextFormat } from "../sql/formats.ts";
import { answered } from "./answer.ts";

const columns = z.array(z.object({ name: z.string(), type: z.string().nullable(), table: z.string().nullable() }));
const rows = z.array(z.array(z.unknown()));
const encodedCells = z.array(
  z.object({
    column: z.string(),
    as: z.enum(["integer", "real"]),
    rows: z.union([z.literal("all"), z.array(z.number())]),
  }),
);

/** Shape of a read result; string cells listed in `encoded_cells` stand for numbers. */
export const rowsSchema = z.object({
  columns,
  rows,
  row_count: z.number(),
  truncated: z.boolean(),
  truncated_by: z.array(z.enum(["rows", "bytes", "cell"])),
  next_offset: z.number().nullable(),
  encoded_cells: encodedCells,
  elapsed_ms: z.number(),
});

/** Shape of the rows a write gives back. */
export const returningSchema = z.object({
  columns,
  rows,
  truncated: z.boolean(),
  encoded_cells: encodedCells.optional(),
});

/** A read result with its text in the form asked for; both show the same rows. */
export function rowsResult(
  answer: QueryAnswer,
  format: TextFormat,
  offset: number,
  maxBytes: number,
): ToolResult<z.input<typeof rowsSchema>> {
  const rendered = render(answer, format, maxBytes, offset);
  if (rendered === undefined) return rowTooLarge;
  return answered(rendered.result, rendered.text);
}

/** Rows given back by a write; `encoded_cells` only where there are any. */
export function returned(answer: ReturnedRows): Omit<ReturnedRows, "encoded_cells"> & Partial<ReturnedRows> {
  const { encoded_cells: encoded, ...rest } = answer;
  return encoded.length === 0 ? rest : { ...rest, encoded_cells: encoded };
}

const rowTooLarge = failure(
  "ROW_TOO_LARGE",
  "the first row alone is over the byte limit of an answer.",
  "Select fewer columns, or shorten values with substr().",
);
