import { TextDecoder } from "node:util";
import { refusal } from "../safe-fs/refusal.ts";

/** How bytes and characters relate; decides where text may be cut and how it is searched. */
export type EncodingFamily = "utf-8" | "utf-16le" | "utf-16be" | "single-byte" | "multi-byte";

/** A text encoding this server can read, write and cut anywhere. */
export interface Encoding {
  /** The WHATWG name in lower case, such as `windows-1252`. */
  readonly name: string;
  readonly family: EncodingFamily;
  /** Bytes per code unit: 2 for UTF-16, otherwise 1. */
  readonly unit: 1 | 2;
}

export const utf8: Encoding = { name: "utf-8", family: "utf-8", unit: 1 };
export const utf16le: Encoding = { name: "utf-16le", family: "utf-16le", unit: 2 };
export const utf16be: Encoding = { name: "utf-16be", family: "utf-16be", unit: 2 };

const unicode: Readonly<Record<string, Encoding>> = { "utf-8": utf8, "utf-16le": utf16le, "utf-16be": utf16be };

const multiByte: ReadonlySet<string> = new Set(["big5", "euc-jp", "euc-kr", "gb18030", "gbk", "shift_jis"]);

/** Text in it depends on escape sequences before it, so a page could not start in the middle of a file. */
const stateful: ReadonlySet<string> = new Set(["iso-2022-jp"]);

/** Names people use that the WHATWG list of labels does not know. */
const aliases: Readonly<Record<string, string>> = {
  utf16le: "utf-16le",
  utf16be: "utf-16be",
  ucs2: "utf-16le",
  "ucs-2": "utf-16le",
  cp932: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  cp950: "big5",
  latin2: "iso-8859-2",
};

/** Names of the encodings people ask for, for messages. */
const known = "utf-8, utf-16le, utf-16be, windows-1252, iso-8859-15, shift_jis, euc-jp, gb18030, big5, euc-kr, koi8-r";

/**
 * Finds an encoding by any label of the WHATWG Encoding Standard, without regard to case.
 *
 * @throws {FailureError} `INVALID_INPUT` for unknown labels and for encodings that need state, such as ISO-2022-JP.
 */
export function parseEncoding(label: string): Encoding {
  const name = canonicalName(label.trim().toLowerCase());
  if (name === undefined || stateful.has(name)) {
    throw refusal("INVALID_INPUT", "The encoding is not one this server knows.", `Use one of ${known}.`);
  }
  return unicode[name] ?? { name, family: multiByte.has(name) ? "multi-byte" : "single-byte", unit: 1 };
}

function canonicalName(label: string): string | undefined {
  try {
    return new TextDecoder(aliases[label] ?? label).encoding;
  } catch {
    // The constructor has no other way to say that it does not know a label.
    return undefined;
  }
}

const decoders = new Map<string, TextDecoder>();

/** Text of whole characters; bytes that are none become U+FFFD. A byte order mark is not removed. */
export function decode(bytes: Buffer, encoding: Encoding): string {
  if (encoding.family === "utf-8") return bytes.toString("utf8");
  return decoderOf(encoding).decode(bytes);
}

function decoderOf(encoding: Encoding): TextDecoder {
  let decoder = decoders.get(encoding.name);
  if (!decoder) {
    decoder = new TextDecoder(encoding.name, { ignoreBOM: true });
    decoders.set(encoding.name, decoder);
  }
  return decoder;
}

/**
 * The bytes of `text`, without a byte order mark.
 *
 * @returns `undefined` when a character, or half a surrogate pair, has no form in the encoding.
 */
export async function encode(text: string, encoding: Encoding): Promise<Buffer | undefined> {
  if (!text.isWellFormed()) return undefined;
  if (encoding.family === "utf-8") return Buffer.from(text, "utf8");
  if (encoding.family === "utf-16le") return Buffer.from(text, "utf16le");
  if (encoding.family === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  return encoding.family === "single-byte" ? encodeSingleByte(text, encoding) : encodeMultiByte(text, encoding);
}

/**
 * As `encode`, for text that is about to be written.
 *
 * @throws {FailureError} `ENCODING_ERROR`.
 */
export async function encodeOrRefuse(text: string, encoding: Encoding): Promise<Buffer> {
  const bytes = await encode(text, encoding);
  if (bytes) return bytes;
  throw refusal(
    "ENCODING_ERROR",
    `The text has characters that ${encoding.name} cannot hold; nothing was written.`,
    "Leave those characters out, or write the whole file again with write_file and encoding utf-8.",
  );
}

const byteTables = new Map<string, ReadonlyMap<string, number>>();

function encodeSingleByte(text: string, encoding: Encoding): Buffer | undefined {
  const table = byteTableOf(encoding);
  const bytes = Buffer.allocUnsafe(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const byte = table.get(text.charAt(index));
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}

/** Inverts the decoder, so that what was read and written back is the same bytes even where code pages disagree. */
function byteTableOf(encoding: Encoding): ReadonlyMap<string, number> {
  let table = byteTables.get(encoding.name);
  if (!table) {
    const decoder = decoderOf(encoding);
    const pairs = Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte] as const);
    table = new Map(pairs.filter(([character]) => character !== "\uFFFD"));
    byteTables.set(encoding.name, table);
  }
  return table;
}

async function encodeMultiByte(text: string, encoding: Encoding): Promise<Buffer | undefined> {
  const { default: iconv } = await import("iconv-lite");
  const bytes = iconv.encode(text, encoding.name);
  // iconv writes "?" for what it cannot encode, and its tables differ from the decoder's in places.
  return decode(bytes, encoding) === text ? bytes : undefined;
}
