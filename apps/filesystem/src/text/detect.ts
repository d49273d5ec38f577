import { isAscii, isUtf8 } from "node:buffer";
import { decode, type Encoding, utf8, utf16be, utf16le } from "./encoding.ts";
import { mimeTypeByMagic } from "./magic.ts";

/** How many first bytes of a file decide what it is. */
export const sampleBytes = 64 * 1024;

/** What a file holds, as far as looked at. */
export type Detection =
  | {
      readonly kind: "text";
      readonly encoding: Encoding;
      /** Bytes of the byte order mark; 0 without one. */
      readonly bomLength: number;
      /** Whether bytes seen later may still change the answer. */
      readonly settled: boolean;
    }
  | { readonly kind: "binary"; readonly mimeType: string };

/**
 * Looks at the beginning of a file.
 *
 * @param sample The first 64 KiB, or the whole file when it is shorter.
 * @param complete Whether `sample` is the whole file.
 * @param legacy The encoding of text that is neither UTF-8 nor UTF-16.
 */
export function detectText(sample: Buffer, complete: boolean, legacy: Encoding): Detection {
  const marked = byteOrderMark(sample);
  if (marked) return marked;
  const hasNul = sample.includes(0);
  const whole = complete ? sample : wholeCharacters(sample);
  if (!hasNul && isUtf8(whole)) return text(utf8, 0, !isAscii(whole));
  const wide = hasNul ? unmarkedUtf16(sample) : undefined;
  if (wide) return text(wide, 0, true);
  const mimeType = mimeTypeByMagic(sample);
  if (hasNul || mimeType !== undefined) return { kind: "binary", mimeType: mimeType ?? "application/octet-stream" };
  return text(legacy, 0, false);
}

/**
 * Looks at a piece of the file that is about to be shown, after its beginning was found to be text.
 *
 * A piece that is not UTF-8 is taken for the legacy encoding while everything seen so far was ASCII; once UTF-8 was
 * proven, damaged bytes in it become U+FFFD instead of turning the rest into other characters.
 */
export function confirmText(before: Detection & { kind: "text" }, piece: Buffer, legacy: Encoding): Detection {
  if (before.bomLength > 0 || before.encoding.unit === 2) return before;
  if (piece.includes(0)) return { kind: "binary", mimeType: "application/octet-stream" };
  if (before.settled || before.encoding.family !== "utf-8") return before;
  if (isAscii(piece)) return before;
  return isUtf8(piece) ? { ...before, settled: true } : text(legacy, 0, true);
}

/** The detection for an encoding the caller named: only a matching byte order mark is still looked for. */
export function forcedText(sample: Buffer, encoding: Encoding): Detection & { kind: "text" } {
  const marked = byteOrderMark(sample);
  const bomLength = marked?.kind === "text" && marked.encoding.name === encoding.name ? marked.bomLength : 0;
  return { kind: "text", encoding, bomLength, settled: true };
}

function text(encoding: Encoding, bomLength: number, settled: boolean): Detection & { kind: "text" } {
  return { kind: "text", encoding, bomLength, settled };
}

function byteOrderMark(sample: Buffer): Detection | undefined {
  const [first, second, third, fourth] = sample;
  if (first === 0xef && second === 0xbb && third === 0xbf) return text(utf8, 3, true);
  if (first === 0xfe && second === 0xff) return text(utf16be, 2, true);
  if (first !== 0xff || second !== 0xfe) return undefined;
  // UTF-32 begins like UTF-16; a text that begins with U+0000 does not exist in practice.
  if (third === 0 && fourth === 0) return { kind: "binary", mimeType: "text/plain; charset=utf-32le" };
  return text(utf16le, 2, true);
}

/** The sample without a character that its end cuts in two. */
function wholeCharacters(sample: Buffer): Buffer {
  return sample.subarray(0, utf8Boundary(sample, sample.length));
}

/**
 * The last place at or before `end` where no UTF-8 character is cut in two.
 *
 * Bytes that are no UTF-8 at all are left as they are.
 */
export function utf8Boundary(bytes: Buffer, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back += 1) {
    const byte = bytes[end - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? end - back : end;
  }
  return end;
}

/** Control characters that occur in text: tab, line feed, vertical tab, form feed, carriage return, escape. */
const textControls: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);

/**
 * Finds UTF-16 without a byte order mark: ASCII characters put their NUL bytes on one side of each pair only.
 *
 * Numbers in binary files do the same, so the sample must also decode to characters that occur in text.
 */
function unmarkedUtf16(sample: Buffer): Encoding | undefined {
  const pairs = sample.length >> 1;
  if (pairs === 0 || sample.length % 2 !== 0) return undefined;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < pairs * 2; index += 2) {
    if (sample[index] === 0) even += 1;
    if (sample[index + 1] === 0) odd += 1;
  }
  const needed = Math.max(1, pairs * 0.2);
  if (odd >= needed && odd >= even * 8) return isText(sample, utf16le) ? utf16le : undefined;
  if (even >= needed && even >= odd * 8) return isText(sample, utf16be) ? utf16be : undefined;
  return undefined;
}

function isText(sample: Buffer, encoding: Encoding): boolean {
  // A pair of surrogates may be cut by the end of the sample; its half must not count as damage.
  const characters = decode(sample, encoding).replace(/\uFFFD$/u, "");
  for (let index = 0; index < characters.length; index += 1) {
    const unit = characters.charCodeAt(index);
    if ((unit < 0x20 && !textControls.has(unit)) || unit >= 0xfffd) return false;
  }
  return true;
}
