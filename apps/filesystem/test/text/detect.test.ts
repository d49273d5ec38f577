import { describe, expect, it } from "vitest";
import { memorySource } from "../../src/text/byte-source.ts";
import { encode, encodeOrRefuse, parseEncoding } from "../../src/text/encoding.ts";
import { assertMatches, etagOf } from "../../src/text/etag.ts";
import { mediaKindOf } from "../../src/text/media.ts";
import { Pacer } from "../../src/text/pacer.ts";
import { TextReader } from "../../src/text/read-text.ts";

const reader = new TextReader(parseEncoding("windows-1252"));

function read(bytes: Buffer, encoding?: string) {
  return reader.read(memorySource(bytes, "etag"), { path: "a", cap: 256 * 1024, encoding }, new Pacer());
}

function utf16(text: string, order: "le" | "be"): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
}

describe("detection", () => {
  it.each([
    ["ASCII", Buffer.from("abc\n"), "utf-8", false, "abc\n"],
    ["UTF-8", Buffer.from("né\n"), "utf-8", false, "né\n"],
    ["UTF-8 with its mark", Buffer.from("\uFEFFné\n"), "utf-8", true, "né\n"],
    ["UTF-16 LE with its mark", utf16("\uFEFFné\n", "le"), "utf-16le", true, "né\n"],
    ["UTF-16 BE with its mark", utf16("\uFEFFné\n", "be"), "utf-16be", true, "né\n"],
    ["UTF-16 LE without", utf16("plain text\r\n", "le"), "utf-16le", false, "plain text\r\n"],
    ["UTF-16 BE without", utf16("plain text\r\n", "be"), "utf-16be", false, "plain text\r\n"],
    [
      "UTF-16 LE with an ideographic space",
      utf16("ab cd ef\u3000gh ij", "le"),
      "utf-16le",
      false,
      "ab cd ef\u3000gh ij",
    ],
    ["Latin-1", Buffer.from("caf\xe9\n", "latin1"), "windows-1252", false, "café\n"],
    ["a euro sign in Windows-1252", Buffer.from("5 \x80\n", "latin1"), "windows-1252", false, "5 €\n"],
    ["a mark alone", Buffer.from("\uFEFF"), "utf-8", true, ""],
  ])("recognises %s", async (_name, bytes, encoding, bom, text) => {
    expect(await read(bytes)).toMatchObject({ encoding, bom, text, totalBytes: bytes.length });
  });

  it.each([
    ["PNG", Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1"), "image/png"],
    ["gzip", Buffer.from("\x1f\x8b\x08\xff", "latin1"), "application/gzip"],
    ["NUL bytes", Buffer.from("abc\0def"), "application/octet-stream"],
    ["16-bit numbers", Buffer.from(new Uint16Array([1, 2, 3, 4, 5, 6, 7]).buffer), "application/octet-stream"],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "utf-32"],
  ])("refuses %s and names what it is", async (_name, bytes, type) => {
    await expect(read(bytes)).rejects.toMatchObject({
      failure: {
        code: "BINARY_FILE",
        sentence: expect.stringMatching(new RegExp(`${type}.* ${bytes.length} bytes`)),
        next: expect.stringContaining("read_media_file"),
      },
    });
  });

  it("finds a NUL byte behind the first 64 KiB when that part is read", async () => {
    const bytes = Buffer.concat([Buffer.from("a\n".repeat(50_000)), Buffer.from([0]), Buffer.from("b\n")]);

    await expect(read(bytes)).rejects.toMatchObject({ failure: { code: "BINARY_FILE" } });
  });

  it("is not misled by a character that the end of the sample cuts", async () => {
    const bytes = Buffer.from(`${"a".repeat(65_535)}é and more`);

    expect(await read(bytes)).toMatchObject({ encoding: "utf-8" });
  });

  it("reads with the encoding the caller names", async () => {
    expect((await read(Buffer.from([0x93, 0xfa, 0x96, 0x7b]), "Shift_JIS")).text).toBe("日本");
    expect((await read(Buffer.from("é"), "latin1")).text).toBe("Ã©");
    expect((await read(Buffer.from("a\0b"), "utf8")).text).toBe("a\0b");
    expect((await read(utf16("\uFEFFab", "le"), "utf-16le")).text).toBe("ab");
  });

  it.each(["klingon", "", "iso-2022-jp", "utf-32"])("refuses the encoding %j and names others", async (encoding) => {
    await expect(read(Buffer.from("a"), encoding)).rejects.toMatchObject({
      failure: { code: "INVALID_INPUT", next: expect.stringContaining("utf-8") },
    });
  });

  it.each([
    ["a\nb\n", "lf"],
    ["a\r\nb\r\n", "crlf"],
    ["a\r\nb\n", "mixed"],
    ["a\nb\r\n", "mixed"],
    ["a", "none"],
    ["a\rb\nc", "lf"],
  ])("tells the line endings of %j", async (text, eol) => {
    expect((await read(Buffer.from(text))).eol).toBe(eol);
    expect((await read(utf16(`\uFEFF${text}`, "be"))).eol).toBe(eol);
  });
});

describe("encoding text", () => {
  it.each([
    ["utf-8", "né€😀", "6ec3a9e282acf09f9880"],
    ["utf-16be", "né", "006e00e9"],
    ["windows-1252", "é€\x81", "e98081"],
    ["shift_jis", "表", "955c"],
    ["gb18030", "中😀", "d6d09439fc36"],
  ])("gives the bytes of %s", async (name, text, hex) => {
    expect((await encode(text, parseEncoding(name)))?.toString("hex")).toBe(hex);
  });

  it.each([
    ["windows-1252", "日"],
    ["shift_jis", "😀"],
    ["utf-8", "\ud800"],
  ])("refuses what %s cannot hold", async (name, text) => {
    await expect(encodeOrRefuse(text, parseEncoding(name))).rejects.toMatchObject({
      failure: { code: "ENCODING_ERROR" },
    });
  });

  it.each(["windows-1251", "iso-8859-15", "koi8-r", "macintosh", "ibm866", "iso-8859-7", "windows-874"])(
    "gives back every byte of %s that has a character",
    async (name) => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).filter(
        (byte) => new TextDecoder(name).decode(Uint8Array.of(byte)) !== "\uFFFD",
      );

      expect(await encode(new TextDecoder(name).decode(bytes), parseEncoding(name))).toEqual(Buffer.from(bytes));
    },
  );
});

describe("conditions", () => {
  const identity = { ino: 7n, size: 3n, mtimeNs: 1000n, ctimeNs: 1000n };

  it.each([{ ino: 8n }, { size: 4n }, { mtimeNs: 1001n }, { ctimeNs: 1001n }])("change the etag with %o", (change) => {
    expect(etagOf({ ...identity, ...change })).not.toBe(etagOf(identity));
  });

  const source = memorySource(Buffer.from("abc"), "the-etag");
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  it.each(["the-etag", `sha256:${sha256}`, `sha256:${sha256.toUpperCase()}`])("hold for %s", async (ifMatch) => {
    await expect(assertMatches(source, ifMatch, "a", new Pacer())).resolves.toBeUndefined();
  });

  it.each([
    ["other", "STALE_FILE"],
    ["", "STALE_FILE"],
    [`sha256:${sha256.replace("b", "c")}`, "STALE_FILE"],
    ["sha256:abc", "INVALID_INPUT"],
  ])("fail for %j with %s", async (ifMatch, code) => {
    await expect(assertMatches(source, ifMatch, "a", new Pacer())).rejects.toMatchObject({ failure: { code } });
  });
});

describe("media", () => {
  it.each([
    ["\x89PNG\r\n\x1a\n\0\0", "a.txt", "image/png", "image"],
    ["\xff\xd8\xff\xe0", "a", "image/jpeg", "image"],
    ["GIF89a\x01\0\x01\0", "a.gif", "image/gif", "image"],
    ["RIFF\x24\0\0\0WEBPVP8 ", "a", "image/webp", "image"],
    ["RIFF\x24\0\0\0WAVEfmt ", "a", "audio/wav", "audio"],
    ["ID3\x04\0\0\0\0", "a.mp3", "audio/mpeg", "audio"],
    ["\xff\xfb\x90\x64\0", "a.mp3", "audio/mpeg", "audio"],
    ["OggS\0\x02", "a", "audio/ogg", "audio"],
    ["%PDF-1.7\n", "a.pdf", "application/pdf", "blob"],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "image/svg+xml", "image"],
    ["not a picture", "a.svg", "text/plain", "blob"],
    ["not a picture", "a.png", "text/plain", "blob"],
    ["ID3 is a tag format", "notes.md", "text/markdown", "blob"],
    ["\0\x01\x02\x03", "a.png", "application/octet-stream", "blob"],
  ])("takes %j named %s for %s", (content, name, mimeType, block) => {
    expect(mediaKindOf(Buffer.from(content, "latin1"), true, name)).toEqual({ mimeType, block });
  });
});
