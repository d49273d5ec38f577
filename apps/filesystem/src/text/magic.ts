/** What a format's first bytes look like. */
interface Magic {
  readonly mimeType: string;
  readonly at: number;
  readonly bytes: Buffer;
  /** A second mark that has to be there as well. */
  readonly and?: { readonly at: number; readonly bytes: Buffer };
}

function magic(mimeType: string, bytes: string, at = 0, and?: { at: number; bytes: string }): Magic {
  const first = { mimeType, at, bytes: Buffer.from(bytes, "latin1") };
  return and ? { ...first, and: { at: and.at, bytes: Buffer.from(and.bytes, "latin1") } } : first;
}

// The bytes are those of the formats' own specifications and of the WHATWG MIME Sniffing Standard, §6.
const magics: readonly Magic[] = [
  magic("image/png", "\x89PNG\r\n\x1a\n"),
  magic("image/jpeg", "\xff\xd8\xff"),
  magic("image/gif", "GIF87a"),
  magic("image/gif", "GIF89a"),
  magic("image/webp", "RIFF", 0, { at: 8, bytes: "WEBP" }),
  magic("image/bmp", "BM", 0, { at: 6, bytes: "\0\0\0\0" }),
  magic("image/tiff", "II*\0"),
  magic("image/tiff", "MM\0*"),
  magic("image/x-icon", "\0\0\x01\0"),
  magic("image/avif", "ftypavif", 4),
  magic("image/avif", "ftypavis", 4),
  magic("image/heic", "ftyphei", 4),
  magic("image/heif", "ftypmif1", 4),
  magic("image/jp2", "\0\0\0\x0cjP  \r\n\x87\n"),
  magic("image/jxl", "\xff\x0a"),
  magic("image/vnd.adobe.photoshop", "8BPS"),
  magic("audio/mpeg", "ID3"),
  magic("audio/wav", "RIFF", 0, { at: 8, bytes: "WAVE" }),
  magic("audio/ogg", "OggS"),
  magic("audio/flac", "fLaC"),
  magic("audio/mp4", "ftypM4A", 4),
  magic("audio/aiff", "FORM", 0, { at: 8, bytes: "AIF" }),
  magic("audio/midi", "MThd"),
  magic("audio/amr", "#!AMR"),
  magic("video/x-msvideo", "RIFF", 0, { at: 8, bytes: "AVI " }),
  magic("video/quicktime", "ftypqt", 4),
  magic("video/mp4", "ftyp", 4),
  magic("video/webm", "\x1aE\xdf\xa3"),
  magic("video/mpeg", "\0\0\x01\xba"),
  magic("application/pdf", "%PDF-"),
  magic("application/zip", "PK\x03\x04"),
  magic("application/zip", "PK\x05\x06"),
  magic("application/gzip", "\x1f\x8b"),
  magic("application/x-bzip2", "BZh"),
  magic("application/x-xz", "\xfd7zXZ\0"),
  magic("application/zstd", "\x28\xb5\x2f\xfd"),
  magic("application/x-7z-compressed", "7z\xbc\xaf\x27\x1c"),
  magic("application/vnd.rar", "Rar!\x1a\x07"),
  magic("application/x-lz4", "\x04\x22\x4d\x18"),
  magic("application/x-tar", "ustar", 257),
  magic("application/x-elf", "\x7fELF"),
  magic("application/x-mach-binary", "\xcf\xfa\xed\xfe"),
  magic("application/java-vm", "\xca\xfe\xba\xbe"),
  magic("application/vnd.microsoft.portable-executable", "MZ"),
  magic("application/wasm", "\0asm"),
  magic("application/vnd.sqlite3", "SQLite format 3\0"),
  magic("application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
  magic("application/vnd.apache.parquet", "PAR1"),
  magic("font/woff", "wOFF"),
  magic("font/woff2", "wOF2"),
  magic("font/otf", "OTTO"),
  magic("font/ttf", "\0\x01\0\0\0"),
];

/** The MIME type that the first bytes of a file prove; `undefined` when they prove none. */
export function mimeTypeByMagic(head: Buffer): string | undefined {
  const found = magics.find(({ at, bytes, and }) => holds(head, at, bytes) && (!and || holds(head, and.at, and.bytes)));
  if (found) return found.mimeType;
  return isMpegFrame(head) ? "audio/mpeg" : isAdtsFrame(head) ? "audio/aac" : undefined;
}

function holds(head: Buffer, at: number, bytes: Buffer): boolean {
  return head.length >= at + bytes.length && head.subarray(at, at + bytes.length).equals(bytes);
}

/** An MPEG audio frame has no name to look for: eleven set bits, then fields some of whose values are reserved. */
function isMpegFrame(head: Buffer): boolean {
  const [sync, version = 0, rate = 0] = head;
  if (sync !== 0xff || (version & 0xe0) !== 0xe0) return false;
  const reserved =
    (version & 0x18) === 0x08 || (version & 0x06) === 0 || (rate & 0xf0) === 0xf0 || (rate & 0x0c) === 0x0c;
  return !reserved && rate >> 4 !== 0;
}

function isAdtsFrame(head: Buffer): boolean {
  const [sync, version = 0] = head;
  return sync === 0xff && (version & 0xf6) === 0xf0;
}

/** Formats without magic bytes of their own, and text whose kind only its name tells. */
const byExtension: Readonly<Record<string, string>> = {
  css: "text/css",
  csv: "text/csv",
  htm: "text/html",
  html: "text/html",
  js: "text/javascript",
  json: "application/json",
  md: "text/markdown",
  mjs: "text/javascript",
  svg: "image/svg+xml",
  ts: "text/x-typescript",
  txt: "text/plain",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
};

/** The MIME type a name suggests, for content that is text; the name proves nothing about other content. */
export function mimeTypeByName(name: string): string | undefined {
  const dot = name.lastIndexOf(".");
  const extension = dot === -1 ? "" : name.slice(dot + 1).toLowerCase();
  return Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}
