import { quoted, refusal } from "../../safe-fs/refusal.ts";
import { confirmText, type Detection, detectText, sampleBytes } from "../detect.ts";
import type { Encoding } from "../encoding.ts";
import { countLineEnds, type LineEnding } from "../lines.ts";
import type { Pacer } from "../pacer.ts";
import { diffOf, type EditDiff } from "./diff-text.ts";
import { EditableText, editingEncoding, type Found, type MatchKind } from "./editable-text.ts";
import { nearestRegion } from "./nearest-region.ts";

/** One replacement. */
export interface TextEdit {
  readonly oldText: string;
  readonly newText: string;
  /** Replaces every occurrence, of which there must be one. @default false */
  readonly replaceAll?: boolean | undefined;
  /** How many occurrences there must be; all are replaced. @default 1 */
  readonly expectedCount?: number | undefined;
}

/** How edits are applied. */
export interface EditSettings {
  /** `exact` leaves out the comparison of whole lines without regard to the white space around them. */
  readonly match: "flexible" | "exact";
  /** As the caller gave it; for messages. */
  readonly path: string;
  /** The file's name in the diff. */
  readonly label: string;
  /** Decodes text that is neither UTF-8 nor UTF-16. */
  readonly legacyEncoding: Encoding;
  /** Most bytes the result may have. */
  readonly maxBytes: number;
}

/** A file after its edits. */
export interface EditOutcome extends EditDiff {
  /** The whole file, one piece behind the other; every byte no edit named is as it was. */
  readonly pieces: readonly Buffer[];
  /** For each edit, how its old text was found. */
  readonly matchedBy: readonly MatchKind[];
  readonly encoding: string;
  readonly eol: LineEnding;
}

/** More occurrences than this are not replaced in one edit. */
const maxReplaced = 1_000_000;
/** Occurrences that are counted for an answer. */
const maxCounted = 1000;
const shownPlaces = 10;

/**
 * Applies edits in order, each to the result of the one before; all or none.
 *
 * @param bytes The whole file; UTF-16BE content is turned around in a copy.
 * @throws {FailureError} `NO_MATCH`, `AMBIGUOUS_MATCH`, `ENCODING_ERROR`, `BINARY_FILE`, `TOO_LARGE`, `INVALID_INPUT`.
 */
export async function applyEdits(
  bytes: Buffer,
  edits: readonly TextEdit[],
  settings: EditSettings,
  pacer: Pacer,
): Promise<EditOutcome> {
  assertUsable(edits);
  const { encoding, bomLength } = detect(bytes, settings);
  const turned = encoding.family === "utf-16be";
  const body = turned ? turnedAround(bytes.subarray(bomLength)) : bytes.subarray(bomLength);
  const text = new EditableText(body, editingEncoding(encoding));
  await text.prepare(
    edits.map(({ oldText }) => oldText),
    pacer,
  );
  const matchedBy: MatchKind[] = [];
  for (const [index, edit] of edits.entries()) {
    const found = await find(text, edit, index, edits.length, settings, pacer);
    assertFits(text, found, edit, settings);
    await text.replace(found, edit.oldText, edit.newText, pacer);
    matchedBy.push(found.kind);
    if (pacer.due) await pacer.pause();
  }
  const pieces = turned ? [turnedAround(text.log.current())] : text.log.pieces();
  return {
    pieces: bomLength === 0 ? pieces : [bytes.subarray(0, bomLength), ...pieces],
    matchedBy,
    encoding: encoding.name,
    eol: text.lineEnding,
    ...(await diffOf(text.log, text.encoding, settings.label, pacer)),
  };
}

function assertUsable(edits: readonly TextEdit[]): void {
  const broken = edits.findIndex(({ oldText, newText }) => oldText === "" || oldText === newText);
  if (edits.length > 0 && broken === -1) return;
  const sentence =
    edits.length === 0
      ? "There is no edit."
      : `Edit ${broken + 1} has ${edits[broken]?.oldText === "" ? "an empty oldText" : "an oldText equal to its newText"}.`;
  throw refusal("INVALID_INPUT", sentence, "Give each edit the text to replace and another text to put there.");
}

function detect(bytes: Buffer, { legacyEncoding, path }: EditSettings): Detection & { kind: "text" } {
  const sample = bytes.subarray(0, sampleBytes);
  const first = detectText(sample, sample.length === bytes.length, legacyEncoding);
  const detection = first.kind === "text" ? confirmText(first, bytes, legacyEncoding) : first;
  if (detection.kind === "text") return detection;
  throw refusal(
    "BINARY_FILE",
    `${quoted(path)} is not text: ${detection.mimeType}, ${bytes.length} bytes.`,
    "Use write_file with base64 to replace it as a whole.",
  );
}

/** Swaps the bytes of each pair; an odd last byte stays. */
function turnedAround(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, copy.length - (copy.length % 2)).swap16();
  return copy;
}

async function find(
  text: EditableText,
  edit: TextEdit,
  index: number,
  count: number,
  settings: EditSettings,
  pacer: Pacer,
): Promise<Found> {
  const { oldText, replaceAll = false, expectedCount } = edit;
  const limit = replaceAll ? maxReplaced + 1 : Math.max(maxCounted, (expectedCount ?? 1) + 1);
  const name = count === 1 ? "oldText" : `oldText of edit ${index + 1}`;
  let found = await text.findExact(index, oldText, limit, pacer);
  if (found.ranges.length === 0 && settings.match === "flexible") found = await text.findFlexible(oldText, pacer);
  const occurrences = found.ranges.length;
  if (occurrences === 0) throw await noMatch(text, oldText, name, pacer);
  const wanted = expectedCount ?? (replaceAll ? occurrences : 1);
  if (occurrences !== wanted) throw ambiguous(text, found, name, wanted, limit);
  if (occurrences > maxReplaced) {
    throw refusal("TOO_LARGE", `${name} occurs more than ${maxReplaced} times.`, "Replace a longer text.");
  }
  return found;
}

function assertFits(text: EditableText, { ranges }: Found, edit: TextEdit, { maxBytes }: EditSettings): void {
  const removed = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const added = ranges.length * Buffer.byteLength(edit.newText) * text.encoding.unit;
  if (text.log.size + added - removed <= maxBytes) return;
  throw refusal(
    "TOO_LARGE",
    `The file would become larger than ${maxBytes} bytes; nothing was written.`,
    "Replace fewer occurrences, or let the operator raise --max-file.",
  );
}

async function noMatch(text: EditableText, oldText: string, name: string, pacer: Pacer): Promise<Error> {
  const near = await nearestRegion(text.log.current(), text.encoding, oldText, pacer);
  const hint = near
    ? ` The nearest lines are ${near.startLine} to ${near.endLine}, here as a diff from oldText to the file:\n${near.diff}\n`
    : "";
  return refusal(
    "NO_MATCH",
    `${name} is not in the file; nothing was written.${hint}`,
    near ? "Copy the file's own lines into oldText." : "Read the file again, then copy its own text into oldText.",
  );
}

function ambiguous(text: EditableText, found: Found, name: string, wanted: number, limit: number): Error {
  const { ranges } = found;
  const bytes = found.original ? text.log.original : text.log.current();
  const lines: number[] = [];
  let at = 0;
  let line = 1;
  for (const { start } of ranges.slice(0, shownPlaces)) {
    line += countLineEnds(bytes.subarray(at, start), text.encoding);
    at = start;
    lines.push(line);
  }
  const times = ranges.length >= limit ? `at least ${ranges.length}` : `${ranges.length}`;
  const more = ranges.length > shownPlaces ? " and others" : "";
  return refusal(
    "AMBIGUOUS_MATCH",
    `${name} occurs ${times} times, not ${wanted}, on lines ${lines.join(", ")}${more}; nothing was written.`,
    "Add neighbouring lines to oldText, or set replaceAll, or expectedCount to the number of occurrences.",
  );
}
