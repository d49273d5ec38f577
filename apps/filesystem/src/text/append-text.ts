import { quoted, refusal } from "../safe-fs/refusal.ts";
import type { ByteSource } from "./byte-source.ts";
import { confirmText, detectText, sampleBytes } from "./detect.ts";
import { type Encoding, encodeOrRefuse, utf8 } from "./encoding.ts";
import { endsWithReturn, lastLineEnd } from "./lines.ts";

/** Text to be added to the end of a file. */
export interface AppendRequest {
  /** As the caller gave it; for messages only. */
  readonly path: string;
  readonly text: string;
  /** Whether a last line without a line end is ended first. */
  readonly ensureNewline: boolean;
}

/**
 * Encodes text as the file it is added to is encoded, without a second byte order mark.
 *
 * @param source The present content; `undefined` for a file that does not exist.
 * @throws {FailureError} `BINARY_FILE`, `ENCODING_ERROR`.
 */
export async function encodeAppended(
  source: ByteSource | undefined,
  { path, text, ensureNewline }: AppendRequest,
  legacy: Encoding,
): Promise<Buffer> {
  if (!source || source.size === 0) return encodeOrRefuse(text, utf8);
  const sample = await source.read(0, sampleBytes);
  const detected = detectText(sample, sample.length >= source.size, legacy);
  if (detected.kind === "binary") {
    throw refusal(
      "BINARY_FILE",
      `${quoted(path)} is not text (${detected.mimeType}); nothing was written.`,
      "Use write_file with base64 to give it new content.",
    );
  }
  const start = Math.max(0, source.size - sampleBytes);
  const tail = await source.read(start - (start % 2), sampleBytes + 2);
  const confirmed = confirmText(detected, wholeCharacters(tail), legacy);
  const { encoding, bomLength } = confirmed.kind === "text" ? confirmed : detected;
  const isEnded = source.size === bomLength || lastLineEnd(tail, tail.length, encoding) === tail.length;
  const eol = ensureNewline && !isEnded ? endOfLine(tail, sample, encoding) : "";
  return encodeOrRefuse(eol + text, encoding);
}

/** The line end used last before the end, else the first one of the file, else a line feed. */
function endOfLine(tail: Buffer, sample: Buffer, encoding: Encoding): string {
  for (const piece of [tail, sample]) {
    const end = lastLineEnd(piece, piece.length, encoding);
    if (end > 0) return endsWithReturn(piece, end - encoding.unit, encoding) ? "\r\n" : "\n";
  }
  return "\n";
}

/** Without the rest of a UTF-8 character that the beginning cuts in two. */
function wholeCharacters(bytes: Buffer): Buffer {
  const start = bytes.subarray(0, 3).findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start > 0 ? bytes.subarray(start) : bytes;
}
