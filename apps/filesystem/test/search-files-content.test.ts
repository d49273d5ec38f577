import { linkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engines, type Files, latin1, linesOf, search, workspaceOf } from "./search-workspace.ts";

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

const texts: Files = {
  "a.txt": "needle\nNeedle here\n\nthe needles\nno need\n",
  "b/crlf.txt": "first needle\r\nsecond\r\nneedle",
  "b/bom.txt": "\uFEFFneedle after a mark\nx needle\n",
  "b/utf16.txt": utf16("wide\r\nwide needle é\r\n"),
  "b/utf16be.txt": utf16("big needle\n").swap16(),
  "b/latin1.txt": latin1("caf\xe9 needle \xfc\n\xe9\n"),
  "b/é😀.txt": "😀é needle\n",
  "c/binary.bin": Buffer.from("needle\0needle\n"),
  "c/other.bin": Buffer.from("nothing\0here\n"),
  "empty.txt": "",
  "tabs.txt": "\tneedle\t\n",
  "dup.txt": "needle needle\nneedle\n",
};

describe.each(engines)("with %s", (engine, ripgrep) => {
  it("finds plain text line by line, in the order of paths", async () => {
    await using workspace = workspaceOf(texts, { ripgrep });

    const answer = await search(workspace, { pattern: "needle" });

    expect(linesOf(answer, workspace)).toEqual([
      "a.txt:1:1:needle",
      "a.txt:4:5:the needles",
      "b/bom.txt:1:1:needle after a mark",
      "b/bom.txt:2:3:x needle",
      "b/crlf.txt:1:7:first needle",
      "b/crlf.txt:3:1:needle",
      "b/latin1.txt:1:6:café needle ü",
      "b/utf16.txt:2:6:wide needle é",
      "b/utf16be.txt:1:5:big needle",
      "b/é😀.txt:1:4:😀é needle",
      "dup.txt:1:1:needle needle",
      "dup.txt:2:1:needle",
      "tabs.txt:1:2:\tneedle\t",
    ]);
    expect(answer.data).toMatchObject({
      engine,
      filesMatched: 9,
      truncated: false,
      skipped: { binary: 1, tooLarge: 0, denied: 0, unreadable: 0 },
    });
    expect(answer.text.split("\n")[0]).toBe(`${workspace.R}/a.txt:1:needle`);
    expect(answer.data.content).toBe(answer.text);
  });

  it.each(["--pre=id", "-f/etc/passwd", "-e", "--", "; id"])("takes %j for text", async (pattern) => {
    await using workspace = workspaceOf({ "a.txt": `x ${pattern} y\n` }, { ripgrep });

    const answer = await search(workspace, { pattern });

    expect(linesOf(answer, workspace)).toEqual([`a.txt:1:3:x ${pattern} y`]);
  });

  it("shows neighbouring lines on request", async () => {
    await using workspace = workspaceOf({ "a.txt": "1\r\n2\nx\n4\n5\n" }, { ripgrep });

    const answer = await search(workspace, { pattern: "x", contextLines: 2 });

    expect(answer.data.matches).toMatchObject([{ line: 3, before: ["1", "2"], after: ["4", "5"] }]);
    const a = `${workspace.R}/a.txt`;
    expect(answer.text).toBe(`${a}-1-1\n${a}-2-2\n${a}:3:x\n${a}-4-4\n${a}-5-5`);
  });

  it("cuts long neighbouring lines", async () => {
    await using workspace = workspaceOf({ "a.txt": `${"é".repeat(9000)}\nx\n` }, { ripgrep });

    const [match] = (await search(workspace, { pattern: "x", contextLines: 1 })).data.matches;

    expect(match.before).toEqual(["é".repeat(2000)]);
  });

  it("counts lines, and names files", async () => {
    await using workspace = workspaceOf({ "a.txt": "x\nx x\ny\n", "b.txt": "x", "c.txt": "y" }, { ripgrep });

    const counts = await search(workspace, { pattern: "x", outputMode: "count" });
    const files = await search(workspace, { pattern: "x", outputMode: "files", maxResults: 1 });

    expect(counts.text).toBe(`${workspace.R}/a.txt:2\n${workspace.R}/b.txt:1`);
    expect(counts.data).not.toHaveProperty("matches");
    expect(files.data).toMatchObject({ files: [`${workspace.R}/a.txt`], truncated: true, stoppedReason: "maxResults" });
  });

  it("searches a file that is named, whatever ignore files say", async () => {
    await using workspace = workspaceOf({ ".gitignore": "*", ".env": "a\nkey=1\n" }, { ripgrep });

    expect(linesOf(await search(workspace, { path: ".env", pattern: "key" }), workspace)).toEqual([".env:2:1:key=1"]);
    expect(linesOf(await search(workspace, { path: ".env", pattern: "k.y", regex: true }), workspace)).toEqual([
      ".env:2:1:key=1",
    ]);
  });

  it("continues pages exactly where they ended", async () => {
    const files = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`f${index}.txt`, "x 1\ny\nx 2\nx 3\n"]));
    await using workspace = workspaceOf(files, { ripgrep });
    const all = linesOf(await search(workspace, { pattern: "x" }), workspace);
    const seen: string[] = [];
    let cursor: string | undefined;

    do {
      const page = await search(workspace, { pattern: "x", maxResults: 4, ...(cursor && { cursor }) });
      seen.push(...linesOf(page, workspace));
      cursor = page.data.nextCursor;
    } while (cursor);

    expect(all).toHaveLength(21);
    expect(seen).toEqual(all);
  });

  it("refuses a cursor of another search, or a damaged one", async () => {
    await using workspace = workspaceOf({ "a.txt": "x\nx\n" }, { ripgrep });
    const { nextCursor } = (await search(workspace, { pattern: "x", maxResults: 1 })).data;

    expect((await search(workspace, { pattern: "y", cursor: nextCursor })).code).toBe("INVALID_INPUT");
    expect((await search(workspace, { pattern: "x", cursor: `${nextCursor}A` })).code).toBe("INVALID_INPUT");
    expect((await workspace.call("read_file", { path: "a.txt", cursor: nextCursor })).code).toBe("INVALID_INPUT");
  });

  it("says when it shows only some matches of a file", async () => {
    await using workspace = workspaceOf({ "a.txt": "x\n".repeat(9), "b.txt": "x\n" }, { ripgrep });

    const answer = await search(workspace, { pattern: "x", maxMatchesPerFile: 2 });

    expect(linesOf(answer, workspace)).toEqual(["a.txt:1:1:x", "a.txt:2:1:x", "b.txt:1:1:x"]);
    expect(answer.blocks[1]).toMatchObject({ text: expect.stringContaining("raise maxMatchesPerFile") });
  });

  it("cuts a long line around the match", async () => {
    await using workspace = workspaceOf({ "a.txt": `${"é".repeat(5000)}needle${"ü".repeat(5000)}\n` }, { ripgrep });

    const [match] = (await search(workspace, { pattern: "needle" })).data.matches;

    expect(match).toMatchObject({ column: 5001, textTruncated: true });
    expect(match.text).toHaveLength(2000);
    expect(match.text).toContain("éneedleü");
  });

  it("stays below the text limit and goes on from there", async () => {
    const line = `needle ${"x".repeat(500)}\n`;
    await using workspace = workspaceOf({ "a.txt": line.repeat(40) }, { ripgrep, maxRead: 4096 });

    const answer = await search(workspace, { pattern: "needle" });

    expect(answer.data).toMatchObject({ truncated: true, stoppedReason: "bytes" });
    expect(Buffer.byteLength(answer.text)).toBeLessThan(4096);
    const next = await search(workspace, { pattern: "needle", cursor: answer.data.nextCursor });
    expect(next.data.matches[0].line).toBe(answer.data.matches.length + 1);
  });

  it("leaves out large files and counts them", async () => {
    await using workspace = workspaceOf(
      { "a.txt": "x", "big.txt": `${"y".repeat(3000)}x`, "b/big.md": "y".repeat(3000) },
      { ripgrep },
    );

    const answer = await search(workspace, { pattern: "x", maxFileBytes: 2000 });
    const narrow = await search(workspace, { pattern: "x", maxFileBytes: 2000, include: ["*.txt"] });

    expect(linesOf(answer, workspace)).toEqual(["a.txt:1:1:x"]);
    expect(answer.data.skipped).toMatchObject({ tooLarge: 2 });
    expect(narrow.data.skipped).toMatchObject({ tooLarge: 1 });
  });

  it("shows nothing of denied entries, whatever the pattern", async () => {
    await using workspace = workspaceOf(
      { ".env": "key=1", "secrets/a.txt": "key=1", "b.txt": "key=1" },
      { ripgrep, deny: [".env*", "secrets"] },
    );

    const found = await search(workspace, { pattern: "key", includeHidden: true });
    const missed = await search(workspace, { pattern: "nothing", includeHidden: true });

    expect(linesOf(found, workspace)).toEqual(["b.txt:1:1:key=1"]);
    expect(found.data.skipped).toEqual({ binary: 0, tooLarge: 0, denied: 2, unreadable: 0 });
    expect(missed.data.skipped).toEqual(found.data.skipped);
  });

  it("never goes through links, and reads nothing outside", async () => {
    await using workspace = workspaceOf({ "a.txt": "SECRET inside\n" }, { ripgrep });
    symlinkSync("../O", join(workspace.R, "out"));
    symlinkSync("../O/s.txt", join(workspace.R, "s.txt"));
    symlinkSync("a.txt", join(workspace.R, "b.txt"));
    linkSync(join(workspace.O, "s.txt"), join(workspace.R, "hard.txt"));

    const answer = await search(workspace, { pattern: "SECRET" });

    expect(linesOf(answer, workspace)).toEqual(["a.txt:1:1:SECRET inside", "hard.txt:1:1:SECRET"]);
  });
});
