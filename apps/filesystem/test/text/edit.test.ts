import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, type TextEdit } from "../../src/text/edit/apply-edits.ts";
import { parseEncoding } from "../../src/text/encoding.ts";
import { Pacer } from "../../src/text/pacer.ts";
import { bytesIn, edit, edited } from "./edit-in-memory.ts";

function utf16(text: string, order: "le" | "be"): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
}

describe("exact edits", () => {
  it.each([
    ["replaces part of a line", "a b c\n", "b", "X", "a X c\n"],
    ["replaces several lines", "a\nb\nc\n", "a\nb\n", "X\n", "X\nc\n"],
    ["deletes", "a\nb\nc\n", "b\n", "", "a\nc\n"],
    ["takes $ in new text literally", "a\n", "a", "$&$1$$", "$&$1$$\n"],
    ["finds a line feed as CRLF", "a\r\nb\r\n", "a\nb", "X\nY", "X\r\nY\r\n"],
    ["finds CRLF in a file of line feeds", "a\nb\n", "a\r\nb", "X\r\nY", "X\nY\n"],
    ["gives new lines the end of the line they sit on", "a\r\nb\r\n", "b", "X\nY", "a\r\nX\r\nY\r\n"],
    ["keeps a missing final line end", "a\nb", "b", "X", "a\nX"],
    ["keeps new line ends in a file without any", "ab", "b", "x\r\ny", "ax\r\ny"],
    ["changes the whole file", "a", "a", "", ""],
    ["keeps lone carriage returns", "a\rb\nc\n", "b\nc", "b\nX", "a\rb\nX\n"],
  ])("%s", async (_promise, content, oldText, newText, expected) => {
    expect(await edited(content, oldText, newText)).toBe(expected);
  });

  it.each([
    ["one line among others", "a\r\nb\nc\r\n", "b", "X\nY", "a\r\nX\nY\nc\r\n"],
    ["the first of several", "a\r\nb\nc\r\nd\n", "a\nb\nc", "A\nb\nc", "A\r\nb\nc\r\nd\n"],
    ["the middle of several", "a\r\nb\nc\r\nd\n", "a\nb\nc\nd", "a\nB\nc\nd", "a\r\nB\nc\r\nd\n"],
    ["by more lines", "a\r\nb\nc\r\nd\n", "a\nb\nc\nd", "a\nb\nX\nY\nc\nd", "a\r\nb\nX\nY\nc\r\nd\n"],
    ["by fewer lines", "a\r\nb\nc\r\nd\n", "a\nb\nc\nd", "a\nd", "a\r\nd\n"],
    ["only the kind that was named", "a\nb-a\r\nb\n", "a\r\nb", "X", "a\nb-X\n"],
    ["the end of a last line without one", "a\nb\r\nc", "c", "c\nd", "a\nb\r\nc\r\nd"],
  ])(
    "in a file of mixed line ends replace %s and nothing else",
    async (_which, content, oldText, newText, expected) => {
      expect(await edited(content, oldText, newText)).toBe(expected);
    },
  );

  it("apply in order, each to the result of the one before", async () => {
    const outcome = await edit("one\ntwo\n", [
      { oldText: "one", newText: "two" },
      { oldText: "two\ntwo", newText: "three" },
    ]);

    expect(bytesIn(outcome).toString()).toBe("three\n");
    expect(outcome).toMatchObject({ matchedBy: ["exact", "exact"], linesAdded: 1, linesRemoved: 2 });
  });

  it("replaces all occurrences, or exactly as many as expected", async () => {
    const content = "x=1\ny=1\nx=1\n";

    expect(bytesIn(await edit(content, { oldText: "x=1", newText: "x=2", replaceAll: true })).toString()).toBe(
      "x=2\ny=1\nx=2\n",
    );
    expect(bytesIn(await edit(content, { oldText: "=1", newText: "=2", expectedCount: 3 })).toString()).toBe(
      "x=2\ny=2\nx=2\n",
    );
    expect(bytesIn(await edit("aaaa", { oldText: "aa", newText: "b", replaceAll: true })).toString()).toBe("bb");
  });

  it("names the lines of an ambiguous text and what to do", async () => {
    await expect(edit("x=1\ny\nx=1\n", { oldText: "x=1", newText: "x=2" })).rejects.toMatchObject({
      failure: {
        code: "AMBIGUOUS_MATCH",
        sentence: "oldText occurs 2 times, not 1, on lines 1, 3; nothing was written.",
        next: expect.stringContaining("replaceAll"),
      },
    });
  });

  it.each([
    [{ expectedCount: 2 }, "AMBIGUOUS_MATCH"],
    [{ expectedCount: 4 }, "AMBIGUOUS_MATCH"],
    [{ expectedCount: 2, replaceAll: true }, "AMBIGUOUS_MATCH"],
  ])("refuses %o when there are three", async (count, code) => {
    await expect(edit("a a a", { oldText: "a", newText: "b", ...count })).rejects.toMatchObject({ failure: { code } });
  });

  it.each([[[]], [[{ oldText: "", newText: "a" }]], [[{ oldText: "a", newText: "a" }]]])(
    "refuses the unusable %j",
    async (edits) => {
      await expect(edit("a", edits)).rejects.toMatchObject({ failure: { code: "INVALID_INPUT" } });
    },
  );

  it("refuses binary files, and results above the limit", async () => {
    await expect(edit("a\0b", { oldText: "a", newText: "b" })).rejects.toMatchObject({
      failure: { code: "BINARY_FILE" },
    });
    const grow = { oldText: "a", newText: "b".repeat(100), replaceAll: true };
    await expect(edit("a".repeat(100), grow, { maxBytes: 5000 })).rejects.toMatchObject({
      failure: { code: "TOO_LARGE" },
    });
  });
});

describe("many edits", () => {
  // From eight edits on, all are looked up in one pass over the original.
  const lines = Array.from({ length: 20 }, (_, index) => `the line with number ${index} here\n`);
  const others = [10, 11, 12, 13, 14, 15, 16, 17].map((index) => ({
    oldText: `number ${index} here`,
    newText: `NUMBER ${index} here`,
  }));

  it("do not find what an earlier one has replaced in part", async () => {
    const first = { oldText: "number 3 here", newText: "number three here" };
    const second = { oldText: "the line with number 3 here", newText: "x" };

    await expect(edit(lines.join(""), [first, second, ...others])).rejects.toMatchObject({
      failure: { code: "NO_MATCH", sentence: expect.stringContaining("edit 2") },
    });
  });

  it("find what an earlier one has made, across old text and new", async () => {
    const edits = [
      { oldText: "number 3 here", newText: "number three" },
      { oldText: "the line with number three\nthe line with number 4 here\n", newText: "both\n" },
    ];

    const outcome = await edit(lines.join(""), [...edits, ...others]);

    expect(bytesIn(outcome).toString().split("\n").slice(2, 5)).toEqual([
      "the line with number 2 here",
      "both",
      "the line with number 5 here",
    ]);
  });

  it("find text only once that stood twice before an earlier one", async () => {
    const twice = `${lines.join("")}the line with number 3 here\n`;
    const first = { oldText: "2 here\nthe line with number 3 here", newText: "2 here\nanother" };
    const second = { oldText: "the line with number 3 here", newText: "the last" };

    const outcome = await edit(twice, [first, second, ...others]);

    expect(bytesIn(outcome).toString()).toMatch(/the last\n$/);
  });
});

describe("text that is not there", () => {
  it("is answered with the nearest lines as a diff", async () => {
    const content = "function first() {\n  return 1;\n}\n\nfunction second() {\n  return 2;\n}\n";

    await expect(edit(content, { oldText: "function second() {\n  return 3;\n}", newText: "x" })).rejects.toMatchObject(
      {
        failure: {
          code: "NO_MATCH",
          sentence: expect.stringMatching(
            /nearest lines are 5 to 7.*\n function second\(\) \{\n-  return 3;\n\+  return 2;\n \}\n/s,
          ),
        },
      },
    );
  });

  it("is answered without a hint when nothing is alike", async () => {
    await expect(edit("abc\n", { oldText: "xyz 123", newText: "x" })).rejects.toMatchObject({
      failure: { code: "NO_MATCH", next: expect.stringContaining("Read the file") },
    });
  });

  it("gets an answer below 2 KiB however long the lines are", async () => {
    const content = Array.from({ length: 50 }, (_, index) => `line ${index} ${"é".repeat(1000)} end\n`).join("");
    const oldText = content.split("\n").slice(10, 40).join("\n").replaceAll("end", "END");

    const failure = await edit(content, { oldText, newText: "x" }).catch((error: unknown) => error);

    expect(Buffer.byteLength(String(failure))).toBeLessThan(2048);
  });
});

describe("bytes", () => {
  it.each([
    [
      "Latin-1",
      Buffer.from("caf\xe9\nx=1\n\xff", "latin1"),
      Buffer.from("caf\xe9\nx=é\n\xff", "latin1"),
      "windows-1252",
    ],
    ["UTF-8 with its mark", Buffer.from("\uFEFFa\nx=1\n"), Buffer.from("\uFEFFa\nx=é\n"), "utf-8"],
    ["UTF-16 LE", utf16("\uFEFFa\nx=1\n", "le"), utf16("\uFEFFa\nx=é\n", "le"), "utf-16le"],
    ["UTF-16 BE", utf16("\uFEFFa\nx=1\n", "be"), utf16("\uFEFFa\nx=é\n", "be"), "utf-16be"],
  ])("of %s change only where the edit says", async (_name, before, after, encoding) => {
    const outcome = await edit(before, { oldText: "x=1", newText: "x=é" });

    expect(bytesIn(outcome)).toEqual(after);
    expect(outcome.encoding).toBe(encoding);
  });

  it("never change at all when the encoding cannot hold the new text", async () => {
    await expect(edit(Buffer.from("caf\xe9", "latin1"), { oldText: "c", newText: "日" })).rejects.toMatchObject({
      failure: { code: "ENCODING_ERROR" },
    });
  });

  it("are not mistaken for half of a double-byte character", async () => {
    // 表 is 95 5C in Shift_JIS, and 5C alone is a backslash.
    const bytes = Buffer.concat([Buffer.from([0x95, 0x5c]), Buffer.from("\\x")]);
    const outcome = await applyEdits(
      bytes,
      [{ oldText: "\\", newText: "/" }],
      { match: "exact", path: "a", label: "a", legacyEncoding: parseEncoding("shift_jis"), maxBytes: 1 << 20 },
      new Pacer(),
    );

    expect(bytesIn(outcome)).toEqual(Buffer.concat([Buffer.from([0x95, 0x5c]), Buffer.from("/x")]));
  });

  const encodings = ["utf-8", "utf-8-bom", "latin1", "utf-16le", "utf-16be"] as const;
  const lineEnd = fc.constantFrom("\n", "\r\n");
  const word = fc.stringMatching(/^[ a-zé]{0,6}$/);

  it("equal those of a model that replaces in a string, for any encoding, line ends and edits", {
    timeout: 30_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...encodings),
        fc.array(fc.tuple(word, lineEnd), { minLength: 1, maxLength: 120 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 25 }), fc.stringMatching(/^[A-Zé]{0,20}$/)), {
          minLength: 1,
          maxLength: 60,
          size: "max",
        }),
        fc.boolean(),
        async (encoding, lines, cuts, finalEnd) => {
          let model = lines.map(([text, end]) => text + end).join("");
          if (!finalEnd) model = model.replace(/\r?\n$/, "");
          const start = bytesOf(model, encoding);
          const edits: TextEdit[] = [];
          for (const [at, length, newText] of cuts) {
            const from = at % Math.max(1, model.length);
            const oldText = model.slice(from, from + length);
            // Neither half of a line end nor text that occurs twice, under the rule that a line feed is either end.
            if (oldText === "" || oldText === newText || /^\n|\r$/.test(oldText)) continue;
            const pattern = new RegExp(oldText.replaceAll("\r\n", "\n").replaceAll("\n", "\r?\n"), "g");
            if ([...model.matchAll(pattern)].length !== 1) continue;
            edits.push({ oldText: oldText.replaceAll("\r\n", "\n"), newText });
            model = model.replace(pattern, newText);
          }
          if (edits.length === 0) return;

          expect(bytesIn(await edit(start, edits))).toEqual(bytesOf(model, encoding));
        },
      ),
      { numRuns: 20000 },
    );
  });

  function bytesOf(text: string, encoding: (typeof encodings)[number]): Buffer {
    // A first byte that makes sure of the encoding even when the rest is ASCII.
    if (encoding === "latin1") return Buffer.from(`\xdf${text}`, "latin1");
    if (encoding === "utf-8") return Buffer.from(`ß${text}`);
    if (encoding === "utf-8-bom") return Buffer.from(`\uFEFF${text}`);
    return utf16(`\uFEFF${text}`, encoding === "utf-16le" ? "le" : "be");
  }
});
