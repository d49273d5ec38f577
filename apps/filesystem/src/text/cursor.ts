import { crc32 } from "node:zlib";
import type { FailureError } from "@bothways/kit";
import { refusal } from "../safe-fs/refusal.ts";

/** What a cursor may hold: nothing that opens or permits anything. */
export type CursorField = string | number | boolean | null;

/**
 * Packs the place where the next page begins, so that any process can serve it.
 *
 * @param kind Which tool's pages these are.
 */
export function encodeCursor(kind: string, fields: readonly CursorField[]): string {
  const body = Buffer.from(JSON.stringify([kind, ...fields]), "utf8");
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  return Buffer.concat([sum, body]).toString("base64url");
}

/**
 * Unpacks a cursor of the same kind. The check sum finds damage, not malice: a forged cursor is a valid one, and is
 * harmless because it only names a place to go on from.
 *
 * @throws {FailureError} `INVALID_INPUT` when it is damaged or was made by another tool.
 */
export function decodeCursor(kind: string, cursor: string): readonly unknown[] {
  const bytes = Buffer.from(cursor, "base64url");
  const body = bytes.subarray(4);
  if (bytes.length < 4 || crc32(body) !== bytes.readUInt32LE(0) || bytes.toString("base64url") !== cursor) {
    throw invalidCursor("is not one this server made");
  }
  // Only bytes that encodeCursor made have the right sum, or ones made to look like them: both parse or are refused.
  const [made, ...fields] = parseList(body);
  if (made !== kind) throw invalidCursor("was made by another tool");
  return fields;
}

/** The answer to a cursor that does not fit; `why` continues "The cursor". */
export function invalidCursor(why: string): FailureError {
  return refusal("INVALID_INPUT", `The cursor ${why}.`, "Pass nextCursor as it came, or start again without cursor.");
}

function parseList(body: Buffer): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
