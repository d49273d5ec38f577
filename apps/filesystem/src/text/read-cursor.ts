import type { ByteSource } from "./byte-source.ts";
import { decodeCursor, encodeCursor, invalidCursor } from "./cursor.ts";
import type { Detection } from "./detect.ts";
import { parseEncoding } from "./encoding.ts";
import { staleFile } from "./etag.ts";

/** Where a page begins and how the text goes on from there. */
export interface Place {
  /** In bytes. */
  readonly position: number;
  /** The number of the line at `position`, where known. */
  readonly line: number | undefined;
  /** How many lines of a range are still to come; `undefined` for all. */
  readonly linesLeft: number | undefined;
  /** Whether the text leaves out its last line end. */
  readonly ranged: boolean;
  readonly detection: Detection & { readonly kind: "text" };
}

const kind = "text";

export function encodePlace(source: ByteSource, place: Place): string {
  const { encoding, bomLength, settled } = place.detection;
  const { position, line = null, linesLeft = null, ranged } = place;
  return encodeCursor(kind, [source.etag, position, line, linesLeft, ranged, encoding.name, bomLength, settled]);
}

/**
 * @param path As the caller gave it; for messages only.
 * @throws {FailureError} `INVALID_INPUT` for a cursor that is none; `STALE_FILE` when the file has changed.
 */
export function decodePlace(source: ByteSource, cursor: string, path: string): Place {
  const [etag, position, line, linesLeft, ranged, name, bomLength, settled, ...more] = decodeCursor(kind, cursor);
  if (typeof etag !== "string" || typeof name !== "string" || more.length > 0) throw invalidCursor("is damaged");
  if (!isCount(position) || !isCount(bomLength) || !isCountOrNull(line) || !isCountOrNull(linesLeft)) {
    throw invalidCursor("is damaged");
  }
  if (etag !== source.etag) throw staleFile(path);
  const encoding = parseEncoding(name);
  return {
    position: Math.min(source.size, position - (position % encoding.unit)),
    line: line ?? undefined,
    linesLeft: linesLeft ?? undefined,
    ranged: ranged === true,
    detection: { kind: "text", encoding, bomLength, settled: settled === true },
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value);
}
