import { describe, expect, it } from "vitest";
import type { TextEdit } from "../../src/text/edit/apply-edits.ts";
import { edit } from "./edit-in-memory.ts";

describe("the diff", () => {
  it("is a fenced unified diff with three lines of context", async () => {
    const content = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

    const { text } = await edit(content, { oldText: "5", newText: "five" });

    expect(text).toBe(
      "```diff\nIndex: a.txt\n===================================================================\n" +
        "--- a.txt\toriginal\n+++ a.txt\tmodified\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n```\n\n",
    );
  });

  it("shows only lines that differ, in as few hunks as the distance allows", async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
    const content = `${lines.join("\n")}\n`;

    const { text, linesAdded, linesRemoved } = await edit(content, {
      oldText: lines.slice(4, 30).join("\n"),
      newText: lines
        .slice(4, 30)
        .join("\n")
        .replace("line 6\n", "SIX\n")
        .replace("line 8\n", "")
        .replace("line 25", "line 25\nNEW"),
    });

    expect(
      text
        .split("\n")
        .filter((line) => /^[-+@]/.test(line))
        .slice(2),
    ).toEqual(["@@ -3,9 +3,8 @@", "-line 6", "+SIX", "-line 8", "@@ -23,6 +22,7 @@", "+NEW"]);
    expect([linesAdded, linesRemoved]).toEqual([2, 2]);
  });

  it("says where the last line has no end", async () => {
    const { text } = await edit("a\nb", { oldText: "b", newText: "c\n" });

    expect(text).toContain("-b\n\\ No newline at end of file\n+c\n```");
  });

  it("has a fence longer than any inside", async () => {
    const { text } = await edit("````\ncode\n````\n", { oldText: "code", newText: "text" });

    expect(text).toMatch(/^`{5}diff\n.*`{5}\n\n$/s);
  });

  it("ends in a summary when it would be longer than 64 KiB", async () => {
    const content = Array.from({ length: 20_000 }, (_, index) => `a ${index}\n`).join("");

    const { text, linesAdded } = await edit(content, { oldText: "a ", newText: "b ", replaceAll: true });
    const sparse = await edit(
      content,
      Array.from({ length: 900 }, (_, index) => replaceLine(index * 20 + 5)),
    );

    expect(linesAdded).toBe(20_000);
    expect(text).toContain("1 hunks, +20000 \u221220000");
    expect(Buffer.byteLength(sparse.text)).toBeLessThan(66 * 1024);
    expect(sparse.text).toMatch(/\n900 hunks, \+900 \u2212900: too much to show; \d+ of them/);
  });
});

function replaceLine(index: number): TextEdit {
  return { oldText: `a ${index}\n`, newText: `b ${index}\n` };
}
