import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ByteSource, memorySource, openSource } from "../../src/text/byte-source.ts";
import { parseEncoding } from "../../src/text/encoding.ts";
import { Pacer } from "../../src/text/pacer.ts";
import { type ReadRequest, TextReader, type TextReading } from "../../src/text/read-text.ts";

const reader = new TextReader(parseEncoding("windows-1252"));

function read(content: string | Buffer | ByteSource, request: Partial<ReadRequest> = {}): Promise<TextReading> {
  const source = typeof content === "string" || Buffer.isBuffer(content) ? sourceOf(content) : content;
  return reader.read(source, { path: "a.txt", cap: 256 * 1024, ...request }, new Pacer());
}

let nextEtag = 0;

function sourceOf(content: string | Buffer): ByteSource {
  nextEtag += 1;
  return memorySource(Buffer.from(content), `e${nextEtag}`);
}

async function pagesOf(source: ByteSource, request: Partial<ReadRequest>): Promise<TextReading[]> {
  const first = await read(source, request);
  const pages = [first];
  for (let page = first; page.nextCursor !== undefined; ) {
    page = await read(source, { cap: request.cap ?? 1024, encoding: request.encoding, cursor: page.nextCursor });
    pages.push(page);
  }
  return pages;
}

function utf16(text: string, order: "le" | "be", bom = true): Buffer {
  const bytes = Buffer.from((bom ? "\uFEFF" : "") + text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
}

describe("ranges", () => {
  const text = "l1\nl2\nl3\n";

  it.each([
    [{}, "l1\nl2\nl3\n", 1, 3],
    [{ head: 2 }, "l1\nl2", 1, 2],
    [{ head: 9 }, "l1\nl2\nl3", 1, 3],
    [{ head: 0 }, "", 1, 0],
    [{ tail: 1 }, "l3", 3, 3],
    [{ tail: 2 }, "l2\nl3", 2, 3],
    [{ tail: 9 }, "l1\nl2\nl3", 1, 3],
    [{ tail: 0 }, "", 4, 3],
    [{ offset: 2 }, "l2\nl3", 2, 3],
    [{ offset: 2, limit: 1 }, "l2", 2, 2],
    [{ limit: 2 }, "l1\nl2", 1, 2],
    [{ offset: 3, limit: 5 }, "l3", 3, 3],
    [{ offset: 2, limit: 0 }, "", 2, 1],
  ])("%j gives exactly these lines", async (range, expected, startLine, endLine) => {
    expect(await read(text, range)).toMatchObject({ text: expected, startLine, endLine, truncated: false });
  });

  it("tells the number of lines when the end was reached, and not before", async () => {
    expect((await read(text, { offset: 2 })).totalLines).toBe(3);
    expect((await read(text, { tail: 1 })).totalLines).toBe(3);
    expect((await read("l1\nl2", {})).totalLines).toBe(2);
    expect(await read(sourceOf(text), { head: 2 })).not.toHaveProperty("totalLines");
  });

  it("answers an offset behind the end with empty text and the number of lines", async () => {
    expect(await read(text, { offset: 9 })).toMatchObject({ text: "", startLine: 9, endLine: 8, totalLines: 3 });
    expect(await read(text, { offset: 4 })).toMatchObject({ text: "", totalLines: 3 });
  });

  it("reads an empty file as no lines", async () => {
    expect(await read("")).toMatchObject({ text: "", startLine: 1, endLine: 0, totalLines: 0, eol: "none" });
    expect(await read("", { tail: 3 })).toMatchObject({ text: "", totalLines: 0 });
  });

  it("leaves out the carriage return of the last line end as well, and no other", async () => {
    expect((await read("a\r\nb\r\nc", { head: 2 })).text).toBe("a\r\nb");
    expect((await read("a\r\nb\r\n", { tail: 1 })).text).toBe("b");
    expect((await read("a\r\nb\r\n")).text).toBe("a\r\nb\r\n");
  });

  it("numbers lines on request", async () => {
    expect((await read(text, { lineNumbers: true })).text).toBe("1\tl1\n2\tl2\n3\tl3\n");
    expect((await read(text, { lineNumbers: true, tail: 2 })).text).toBe("2\tl2\n3\tl3");
    expect((await read("a\n\nb", { lineNumbers: true, offset: 2 })).text).toBe("2\t\n3\tb");
  });

  it.each([
    { head: 1, tail: 1 },
    { head: 1, offset: 1 },
    { tail: 1, limit: 1 },
    { cursor: "x", offset: 1 },
    { cursor: "x", limit: 1 },
  ])("refuses %j, which says two things at once", async (range) => {
    await expect(read(text, range)).rejects.toMatchObject({ failure: { code: "INVALID_INPUT" } });
  });

  it("finds the same lines in a file of many MiB from either end", async () => {
    const lines = Array.from({ length: 300_000 }, (_, index) => `line ${index + 1}`);
    const source = sourceOf(`${lines.join("\n")}\n`);

    expect((await read(source, { offset: 250_000, limit: 2 })).text).toBe("line 250000\nline 250001");
    expect((await read(source, { offset: 3, limit: 1 })).text).toBe("line 3");
    expect((await read(source, { tail: 20_000, cap: 1 << 20 })).text).toBe(lines.slice(-20_000).join("\n"));
    expect(await read(source, { offset: 300_001 })).toMatchObject({ text: "", totalLines: 300_000 });
    expect(await read(source, { tail: 1, lineNumbers: true })).toMatchObject({ text: "300000\tline 300000" });
  });
});

it("finds the lines at the edges of the blocks that a far line is looked up in", async () => {
  const mib = 1 << 20;
  const lines = Array.from({ length: 3 * Math.ceil(mib / 100) }, (_, index) => `${index}`.padEnd(99, "x"));
  const text = `${lines.join("\n")}\nend`;
  const source = sourceOf(text);
  await read(source, { offset: 1e6 });

  for (const block of [1, 2, 3]) {
    const before = text.slice(0, block * mib).split("\n").length - 1;
    for (const line of [before, before + 1, before + 2]) {
      expect((await read(source, { offset: line, limit: 1 })).text).toBe([...lines, "end"][line - 1]);
    }
  }
});

describe("pages", () => {
  it("cuts at the last line end below the cap and says so", async () => {
    const page = await read(`${"x".repeat(600)}\n${"y".repeat(600)}\n`, { cap: 1024 });

    expect(page).toMatchObject({ text: `${"x".repeat(600)}\n`, endLine: 1, truncated: true });
  });

  it("cuts a line longer than the cap between two characters", async () => {
    const source = sourceOf(`${"€".repeat(1000)}\nend`);

    const [first, second, ...rest] = await pagesOf(source, { cap: 1024 });

    expect(first?.text).toBe("€".repeat(341));
    expect([first?.startLine, first?.endLine, second?.startLine]).toEqual([1, 1, 1]);
    expect(rest.at(-1)).toMatchObject({ text: `${"€".repeat(318)}\nend`, startLine: 1, endLine: 2 });
  });

  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
    { weight: 3, arbitrary: fc.constantFrom("\n", "\r\n", "\r", "\n\n\n", "\u2028") },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 900, max: 3000 }).map((length) => "aé€😀"[length % 4]?.repeat(length) ?? ""),
    },
  );
  const anyText = fc
    .array(piece, { maxLength: 60 })
    // NUL and a byte order mark at the very start decide what a file is; they have tests of their own.
    .map((pieces) => `t${pieces.join("").replaceAll("\0", "0").toWellFormed()}`);

  it.each(["utf-8", "utf-16le", "utf-16be"])(
    "of %s together are exactly the file's text",
    { timeout: 30_000 },
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(anyText, fc.integer({ min: 1024, max: 3000 }), async (text, cap) => {
          const bytes = encoding === "utf-8" ? Buffer.from(text) : utf16(text, encoding === "utf-16le" ? "le" : "be");
          const pages = await pagesOf(sourceOf(bytes), { cap });

          expect(pages.map((page) => page.text).join("")).toBe(text);
          for (const page of pages) expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(cap);
        }),
        { numRuns: 1500 },
      );
    },
  );

  const randomBytes = fc.uint8Array({ minLength: 1, maxLength: 6000 }).map((bytes) => Buffer.from(bytes));

  it("of any bytes taken for Windows-1252 hold each of them once", async () => {
    await fc.assert(
      fc.asyncProperty(randomBytes, async (bytes) => {
        const pages = await pagesOf(sourceOf(bytes), { cap: 1024, encoding: "windows-1252" });

        expect(pages.map((page) => page.text).join("")).toBe(new TextDecoder("windows-1252").decode(bytes));
      }),
      { numRuns: 400 },
    );
  });

  it.each(["shift_jis", "gb18030", "euc-kr"])("of any bytes taken for %s come to an end", async (encoding) => {
    await fc.assert(
      fc.asyncProperty(randomBytes, async (bytes) => {
        const pages = await pagesOf(sourceOf(bytes), { cap: 1024, encoding });

        expect(pages.at(-1)?.nextCursor).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  it("of a double-byte encoding cut no character", async () => {
    const bytes = Buffer.concat([Buffer.from("a"), ...Array.from({ length: 3000 }, () => Buffer.from([0x95, 0x5c]))]);

    const pages = await pagesOf(sourceOf(bytes), { cap: 1024, encoding: "shift_jis" });

    expect(pages.length).toBeGreaterThan(5);
    expect(pages.map((page) => page.text).join("")).toBe(`a${"表".repeat(3000)}`);
  });

  it("of a range together are the range, and its last line end is left out once", async () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index + 1}`);
    const source = sourceOf(`${lines.join("\n")}\n`);

    const head = await pagesOf(source, { head: 400, cap: 1024 });
    const tail = await pagesOf(source, { tail: 400, cap: 1024 });

    expect(head.map((page) => page.text).join("")).toBe(lines.slice(0, 400).join("\n"));
    expect(tail.map((page) => page.text).join("")).toBe(lines.slice(100).join("\n"));
    expect(head.at(-1)).toMatchObject({ endLine: 400, truncated: false });
  });

  it("stay below the cap with line numbers too", async () => {
    const pages = await read("\n".repeat(5000), { cap: 1024, lineNumbers: true });

    expect(Buffer.byteLength(pages.text)).toBeLessThanOrEqual(1024);
    expect(pages.text.startsWith("1\t\n2\t\n")).toBe(true);
  });

  it("keep the encoding that earlier pages proved when later bytes are damaged", async () => {
    const source = sourceOf(Buffer.concat([Buffer.from(`é\n${"a\n".repeat(50_000)}`), Buffer.from([0xff, 0x0a])]));

    const pages = await pagesOf(source, { cap: 16 * 1024 });

    expect(pages.map((page) => page.text).join("")).toBe(`é\n${"a\n".repeat(50_000)}\uFFFD\n`);
  });

  it("change to the legacy encoding when all before was ASCII", async () => {
    const source = sourceOf(Buffer.concat([Buffer.from("a\n".repeat(50_000)), Buffer.from([0xe9, 0x0a])]));

    const pages = await pagesOf(source, { cap: 16 * 1024 });

    expect(pages.map((page) => page.text).join("")).toBe(`${"a\n".repeat(50_000)}é\n`);
  });
});

describe("cursors", () => {
  const long = "line\n".repeat(1000);

  it("go on after a restart, because they hold all there is to know", async () => {
    const source = sourceOf(long);
    const cursor = (await read(source, { cap: 1024 })).nextCursor;

    const other = new TextReader(parseEncoding("windows-1252"));
    const page = await other.read(source, { path: "a.txt", cap: 1024, cursor }, new Pacer());

    expect(page).toMatchObject({ startLine: 205, truncated: true });
  });

  it("are stale once the file has changed", async () => {
    const cursor = (await read(long, { cap: 1024 })).nextCursor;

    await expect(read(long, { cursor })).rejects.toMatchObject({ failure: { code: "STALE_FILE" } });
  });

  it("are refused when a single character of them was changed", async () => {
    const source = sourceOf(long);
    const cursor = (await read(source, { cap: 1024 })).nextCursor ?? "";

    for (let index = 0; index < cursor.length; index += 1) {
      const damaged = `${cursor.slice(0, index)}${cursor[index] === "A" ? "B" : "A"}${cursor.slice(index + 1)}`;
      await expect(read(source, { cursor: damaged })).rejects.toMatchObject({ failure: { code: "INVALID_INPUT" } });
    }
  });

  it.each(["", "nonsense", "%%%", "A".repeat(5000)])("are refused when they are %j", async (cursor) => {
    await expect(read(long, { cursor })).rejects.toMatchObject({ failure: { code: "INVALID_INPUT" } });
  });

  it("hold no path", async () => {
    const cursor = (await read(long, { cap: 1024, path: "secret-name.txt" })).nextCursor ?? "";

    expect(Buffer.from(cursor, "base64url").toString("latin1")).not.toContain("secret");
  });
});

describe("files", () => {
  it("reads one end of a huge sparse file without reading the rest", async () => {
    using file = temporaryFile();
    writeFileSync(file.path, "text\n");
    truncateSync(file.path, 5 * 1024 ** 3);
    const source = openSource(file.fd);
    let bytes = 0;
    const counted: ByteSource = {
      size: source.size,
      etag: source.etag,
      read: (position, length) => {
        bytes += Math.min(length, source.size - position);
        return source.read(position, length);
      },
    };

    await expect(read(counted, {})).rejects.toMatchObject({ failure: { code: "BINARY_FILE" } });

    expect(bytes).toBeLessThan(1 << 20);
  });

  it("reads a file whose size says 0 but that has content", async () => {
    const fd = openSync("/proc/self/status", "r");
    try {
      expect((await read(openSource(fd))).text).toMatch(/^Name:\t.*\nUmask:/);
    } finally {
      closeSync(fd);
    }
  });

  it("reads large files in blocks and gets the same bytes", async () => {
    using file = temporaryFile();
    const text = Array.from({ length: 400_000 }, (_, index) => `${index}\n`).join("");
    writeFileSync(file.path, text);

    expect((await read(openSource(file.fd), { cap: 16 << 20 })).text).toBe(text);
  });
});

function temporaryFile(): Disposable & { path: string; fd: number } {
  const directory = mkdtempSync(join(tmpdir(), "bothways-text-"));
  const path = join(directory, "file");
  writeFileSync(path, "");
  const fd = openSync(path, "r");
  return {
    path,
    fd,
    [Symbol.dispose]: () => {
      closeSync(fd);
      rmSync(directory, { recursive: true });
    },
  };
}
