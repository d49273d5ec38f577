import { quoted, refusal } from "../safe-fs/refusal.ts";
import type { ByteSource } from "./byte-source.ts";
import { confirmText, type Detection, detectText, forcedText, sampleBytes } from "./detect.ts";
import { type Encoding, parseEncoding } from "./encoding.ts";
import { LineIndex } from "./line-index.ts";
import { type LineEnding, lineEndingOf } from "./lines.ts";
import type { Pacer } from "./pacer.ts";
import { type Page, takePage } from "./page.ts";
import { decodePlace, encodePlace, type Place } from "./read-cursor.ts";
import { tailStart } from "./tail.ts";

/** Which part of a text file to read; without a range and cursor, the whole file. */
export interface ReadRequest {
  /** As the caller gave it; for messages only. */
  readonly path: string;
  /** First lines. */
  readonly head?: number | undefined;
  /** Last lines. */
  readonly tail?: number | undefined;
  /** First line, from 1. */
  readonly offset?: number | undefined;
  /** Lines from `offset`. */
  readonly limit?: number | undefined;
  /** Where an earlier reading stopped. */
  readonly cursor?: string | undefined;
  /** Begins each line with its number and a tab. @default false */
  readonly lineNumbers?: boolean | undefined;
  /** Overrides detection: any WHATWG label. */
  readonly encoding?: string | undefined;
  /** Most bytes of text to return, encoded as UTF-8. */
  readonly cap: number;
}

/** A piece of a text file. Line numbers are absent when they would need the whole of a large file. */
export interface TextReading {
  readonly text: string;
  readonly startLine?: number;
  /** One less than `startLine` when the text is empty. */
  readonly endLine?: number;
  /** Known when the end was reached; a final line end does not begin another line. */
  readonly totalLines?: number;
  readonly totalBytes: number;
  readonly encoding: string;
  readonly bom: boolean;
  readonly eol: LineEnding;
  readonly etag: string;
  /** Whether the cap cut the text; then `nextCursor` continues exactly behind it. */
  readonly truncated: boolean;
  readonly nextCursor?: string;
}

type TextDetection = Detection & { readonly kind: "text" };

/** Below this size counting lines costs less than the answer. */
const countedBytes = 1 << 20;

/** Reads pieces of text files; remembers line positions of the files read last. */
export class TextReader {
  readonly #legacy: Encoding;
  readonly #lines = new LineIndex();

  /** @param legacyEncoding Decodes text that is neither UTF-8 nor UTF-16. */
  constructor(legacyEncoding: Encoding) {
    this.#legacy = legacyEncoding;
  }

  /**
   * Reads one page.
   *
   * @throws {FailureError} `BINARY_FILE`, `STALE_FILE` for an old cursor, `INVALID_INPUT`.
   */
  async read(source: ByteSource, request: ReadRequest, pacer: Pacer): Promise<TextReading> {
    assertOneRange(request);
    const sample = await source.read(0, startsAtBeginning(request) ? Math.max(sampleBytes, request.cap) : sampleBytes);
    const seen = this.#detect(sample, source, request);
    const place = await this.#find(source, seen, request, pacer);
    const block = await readBlock(source, sample, place.position, request.cap * place.detection.encoding.unit);
    const last = place.position + block.length >= source.size;
    const { page, detection } = this.#confirm(source, block, last, place, request);
    const piece = block.subarray(0, page.end);
    return {
      text: page.text,
      ...this.#linesOf(source, place, page),
      totalBytes: source.size,
      encoding: detection.encoding.name,
      bom: seen.bomLength > 0,
      eol: bothEndings(
        lineEndingOf(sample.subarray(0, sampleBytes), seen.encoding),
        lineEndingOf(piece, seen.encoding),
      ),
      etag: source.etag,
      truncated: page.cut,
      ...(page.cut ? { nextCursor: encodePlace(source, nextPlace(place, page, detection)) } : {}),
    };
  }

  #detect(sample: Buffer, source: ByteSource, { encoding, path }: ReadRequest): TextDetection {
    const start = sample.subarray(0, sampleBytes);
    if (encoding !== undefined) return forcedText(start, parseEncoding(encoding));
    return textOrRefuse(detectText(start, start.length >= source.size, this.#legacy), source, path);
  }

  async #find(source: ByteSource, detection: TextDetection, request: ReadRequest, pacer: Pacer): Promise<Place> {
    const { head, tail, offset = 1, limit, cursor } = request;
    const { bomLength, encoding } = detection;
    if (cursor !== undefined) {
      const place = decodePlace(source, cursor, request.path);
      return request.encoding === undefined ? place : { ...place, detection };
    }
    if (tail !== undefined) {
      const position = Math.max(bomLength, await tailStart(source, encoding, tail, pacer));
      const counted = request.lineNumbers === true || source.size <= countedBytes;
      const before = counted ? await this.#lines.linesBefore(source, encoding, position, pacer) : undefined;
      const line = before === undefined ? undefined : before + 1;
      return { position, line, linesLeft: tail === 0 ? 0 : undefined, ranged: true, detection };
    }
    const found = await this.#lines.locate(source, encoding, offset, pacer);
    const position = found.kind === "found" ? Math.max(bomLength, found.position) : source.size;
    const ranged = [head, request.offset, limit].some((part) => part !== undefined);
    return { position, line: offset, linesLeft: head ?? limit, ranged, detection };
  }

  #confirm(
    source: ByteSource,
    block: Buffer,
    last: boolean,
    place: Place,
    request: ReadRequest,
  ): { page: Page; detection: TextDetection } {
    const { cap, lineNumbers = false } = request;
    const numberFrom = lineNumbers ? place.line : undefined;
    const parts = { lineLimit: place.linesLeft, cap, numberFrom, last, trimmed: place.ranged };
    const page = takePage(block, place.detection.encoding, parts);
    if (request.encoding !== undefined) return { page, detection: place.detection };
    const confirmed = confirmText(place.detection, block.subarray(0, page.end), this.#legacy);
    const detection = textOrRefuse(confirmed, source, request.path);
    if (detection.encoding.name === place.detection.encoding.name) return { page, detection };
    return { page: takePage(block, detection.encoding, parts), detection };
  }

  #linesOf(source: ByteSource, place: Place, page: Page): Partial<TextReading> {
    const lines = page.lineEnds + (page.wholeLines ? 0 : 1);
    const known = this.#lines.totalLines(source, place.detection.encoding);
    if (place.line === undefined) return known === undefined ? {} : { totalLines: known };
    const endLine = place.line + lines - 1;
    // Lines counted from a place inside the file say how many there are only once they reach its end.
    const ended = place.position + page.end >= source.size && (lines > 0 || place.line === 1);
    const totalLines = known ?? (ended ? endLine : undefined);
    return { startLine: place.line, endLine, ...(totalLines === undefined ? {} : { totalLines }) };
  }
}

function assertOneRange({ head, tail, offset, limit, cursor }: ReadRequest): void {
  const starts = Object.entries({ head, tail, offset, cursor }).filter(([, value]) => value !== undefined);
  const names = starts.map(([name]) => name);
  if (limit !== undefined && offset === undefined && names.length > 0) names.push("limit");
  if (names.length > 1) {
    throw refusal("INVALID_INPUT", `${names.join(" and ")} exclude each other.`, "Give one of them.");
  }
}

function startsAtBeginning({ tail, offset, cursor }: ReadRequest): boolean {
  return tail === undefined && (offset ?? 1) === 1 && cursor === undefined;
}

async function readBlock(source: ByteSource, sample: Buffer, position: number, length: number): Promise<Buffer> {
  const end = Math.min(source.size, position + length);
  return end <= sample.length ? sample.subarray(position, end) : source.read(position, length);
}

function textOrRefuse(detection: Detection, source: ByteSource, path: string): TextDetection {
  if (detection.kind === "text") return detection;
  throw refusal(
    "BINARY_FILE",
    `${quoted(path)} is not text: ${detection.mimeType}, ${source.size} bytes.`,
    "Call read_media_file, or name its encoding to read it as text nevertheless.",
  );
}

function nextPlace(place: Place, page: Page, detection: TextDetection): Place {
  return {
    position: place.position + page.end,
    line: place.line === undefined ? undefined : place.line + page.lineEnds,
    linesLeft: place.linesLeft === undefined ? undefined : place.linesLeft - page.lineEnds,
    ranged: place.ranged,
    detection,
  };
}

function bothEndings(one: LineEnding, other: LineEnding): LineEnding {
  if (one === "none" || one === other) return other;
  return other === "none" ? one : "mixed";
}
