import { describe, expect, it } from "vitest";
import { bytesIn, edit } from "./edit-in-memory.ts";

describe("flexible edits", () => {
  it.each([
    [
      "ignore indentation and take it over",
      "  if (a) {\n    b();\n  }\n",
      "if (a) {\n  b();\n}",
      "if (a) {\n  c();\n}",
      "  if (a) {\n    c();\n  }\n",
    ],
    ["move text to the left", "a\n  b\nc\n", "    a\n      b", "    a\n      X", "a\n  X\nc\n"],
    ["translate tabs", "\tif (a)\n\t\tb\n", "  if (a)\n    b", "  if (a)\n    X", "\tif (a)\n\t  X\n"],
    ["ignore white space at line ends", "a  \nb\t\nc\n", "a\nb", "X", "X\nc\n"],
    ["keep the file's line ends", "  a\r\n  b\r\n", "a\nb", "X\nY\nZ", "  X\r\n  Y\r\n  Z\r\n"],
    ["include the last line end when the old text does", " a\n b\n c\n", "a \nb\n", "X\n", " X\n c\n"],
    ["find blank lines in between", "  a\n   \n  b\n", "a\n\nb", "X\n\nY", "  X\n\n  Y\n"],
    ["find the end of the file", " a\n b", "a\nb\n", "X\n", " X\n"],
  ])("%s", async (_promise, content, oldText, newText, expected) => {
    const outcome = await edit(content, { oldText, newText });

    expect(bytesIn(outcome).toString()).toBe(expected);
    expect(outcome.matchedBy).toEqual(["flexible"]);
  });

  it("match whole lines only", async () => {
    await expect(edit("  foo bar\n", { oldText: "foo  ", newText: "x" })).rejects.toMatchObject({
      failure: { code: "NO_MATCH" },
    });
  });

  it("are ambiguous by the same rule", async () => {
    await expect(edit("  a\nb\n    a\n", { oldText: "\ta", newText: "x" })).rejects.toMatchObject({
      failure: { code: "AMBIGUOUS_MATCH", sentence: expect.stringContaining("lines 1, 3") },
    });
    const all = await edit("  a\nb\n    a\n", { oldText: "\ta", newText: "\tx", replaceAll: true });
    expect(bytesIn(all).toString()).toBe("  x\nb\n    x\n");
  });

  it("do not overlap", async () => {
    const outcome = await edit(" a\n b\n a\n b\n a\n", { oldText: "a\nb\na", newText: "x" });

    expect(bytesIn(outcome).toString()).toBe(" x\n b\n a\n");
  });

  it("are left out on request, and never made of blank lines alone", async () => {
    await expect(edit("  a\n", { oldText: "\ta", newText: "x" }, { match: "exact" })).rejects.toMatchObject({
      failure: { code: "NO_MATCH" },
    });
    await expect(edit("a\n\nb\n", { oldText: " \n ", newText: "x" })).rejects.toMatchObject({
      failure: { code: "NO_MATCH" },
    });
  });

  it("find text among many lines that look like it", async () => {
    const content = `${"  same\n".repeat(20_000)}  other\n`;

    const outcome = await edit(content, { oldText: `${"same\n".repeat(5000)}other`, newText: "x" });

    expect(bytesIn(outcome).toString()).toBe(`${"  same\n".repeat(15_000)}  x\n`);
  });
});
