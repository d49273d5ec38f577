import { csvField } from "./csv.ts";

/** Cells of exported files: nothing is shortened there. Runs inside the engine process. */

/**
 * One row as a CSV line without its end. NULL is an empty field, a BLOB its base64, an infinity its name.
 *
 * Numbers keep their sign: only texts are guarded against formulas.
 */
export function csvLine(row: readonly unknown[]): string {
  return row.map(csvCell).join(",");
}

/** A header line; names come from strangers as well. */
export function csvHeader(names: readonly string[]): string {
  return names.map((name) => csvField(name, true)).join(",");
}

/** One row as a JSON object; keys in column order, `__proto__` is a key like any other. */
export function jsonObject(keys: readonly string[], row: readonly unknown[]): string {
  return `{${keys.map((key, index) => `${JSON.stringify(key)}:${jsonCell(row[index])}`).join(",")}}`;
}

function csvCell(value: unknown): string {
  if (typeof value === "string") return csvField(value, true);
  if (value instanceof Uint8Array) return base64(value);
  return typeof value === "bigint" || typeof value === "number" ? `${value}` : "";
}

function jsonCell(value: unknown): string {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? String(number) : `"${value}"`;
  }
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
  if (value instanceof Uint8Array) return `{"$blob":"${base64(value)}"}`;
  return JSON.stringify(value ?? null);
}

function base64(blob: Uint8Array): string {
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString("base64");
}
