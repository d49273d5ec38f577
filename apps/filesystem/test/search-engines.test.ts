import { describe, expect, it } from "vitest";
import { engines, type Files, indexed, latin1, linesOf, search, workspaceOf } from "./search-workspace.ts";

describe("both engines", () => {
  const odd: Files = {
    "w.txt": "word words sword\nWORD\nnaïve wordé\nword_x\n_word\n(word)\nx word\n",
    "n.txt": "٣ and 3\n\u2028sep\na\u00a0b\ntab\there\n",
    "l.txt": latin1("caf\xe9 au lait\ncaf\xc3\xa9\n"),
    "m.txt": "a1\nb1\na2\nb2\nx\na3\n\nb3\na4 a5\nb5\n",
    "s.txt": "İstanbul straße STRASSE\nſ k K\n",
    "r.txt": "a.b\na+b\n[x]\n$5\n^\n\\d\n{1}\na|b\n",
    "cr.txt": "one\rtwo\nthree\r\n",
    "e.txt": "\n\nx\n",
  };

  it.each([
    [{ pattern: "word", wholeWord: true }],
    [{ pattern: "word", wholeWord: true, caseSensitive: false }],
    [{ pattern: "WORD", caseSensitive: false }],
    [{ pattern: "w.rd", regex: true }],
    [{ pattern: "wor(d|ds)$", regex: true }],
    [{ pattern: "^word", regex: true, caseSensitive: false }],
    [{ pattern: "(?i)WORDS?", regex: true }],
    [{ pattern: "\\bword\\b", regex: true }],
    [{ pattern: "\\Bword", regex: true }],
    [{ pattern: "\\w+é", regex: true }],
    [{ pattern: "^\\d", regex: true }],
    [{ pattern: "\\d{1,2}$", regex: true }],
    [{ pattern: "\\s", regex: true }],
    [{ pattern: "a\\sb", regex: true }],
    [{ pattern: "\\S+", regex: true }],
    [{ pattern: "caf.", regex: true }],
    [{ pattern: "caf\\W", regex: true, none: true }],
    [{ pattern: "caf[^x]", regex: true }],
    [{ pattern: "café", regex: true }],
    [{ pattern: "strasse", caseSensitive: false }],
    [{ pattern: "ß", caseSensitive: false }],
    [{ pattern: "k", caseSensitive: false }],
    [{ pattern: "a.b" }],
    [{ pattern: "a+b" }],
    [{ pattern: "[x]" }],
    [{ pattern: "$5", caseSensitive: false }],
    [{ pattern: "\\d" }],
    [{ pattern: "a\\.b|a\\|b|\\{1\\}", regex: true }],
    [{ pattern: "[]^]", regex: true }],
    [{ pattern: "[^a-z\\d\\s]", regex: true }],
    [{ pattern: "\\p{Lu}", regex: true }],
    [{ pattern: "\\P{L}$", regex: true }],
    [{ pattern: "\\p{Greek}|\\p{Arabic}|\\p{Nd}", regex: true }],
    [{ pattern: "x*", regex: true }],
    [{ pattern: "^$", regex: true }],
    [{ pattern: "$", regex: true }],
    [{ pattern: "o$", regex: true }],
    [{ pattern: "^t", regex: true }],
    [{ pattern: "e.t", regex: true, none: true }],
    [{ pattern: "e[^x]t", regex: true, none: true }],
    [{ pattern: "(?<first>a)(?:\\d)|(?P<second>b)5", regex: true }],
    [{ pattern: "\\x61\\u0031|\\u{62}2", regex: true }],
    [{ pattern: "a\\d\\nb", regex: true, multiline: true }],
    [{ pattern: "a\\d\\n+b", regex: true, multiline: true }],
    [{ pattern: "a2\nb2", multiline: true }],
    [{ pattern: "\\n\\n", regex: true, multiline: true }],
    [{ pattern: "\\z|word", none: true }],
  ])("answer %j alike", async (input) => {
    await using workspace = workspaceOf(odd);
    await using other = workspaceOf(odd, { ripgrep: "off" });

    const { none: _none, ...wanted } = { none: false, ...input };
    const answer = await search(workspace, wanted);
    const same = await search(other, wanted);

    expect(linesOf(answer, workspace)).toEqual(linesOf(same, other));
    expect([answer.data.engine, same.data.engine]).toEqual(["multiline" in input ? "builtin" : indexed, "builtin"]);
    expect(answer.data.filesMatched > 0).toBe(!("none" in input));
  });
});

describe.each(engines)("with %s", (_engine, ripgrep) => {
  it.each([
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?<!a)b",
    "(a)\\1",
    "\\k<a>",
    "a{1001}",
    "(a{50}){50}",
    "(?s).",
    "(?i:a)",
    "a(?i)b",
    "(?#x)",
    "[[:alpha:]]",
    "[a&&b]",
    "[a--b]",
    "\\Aa",
    "\\za",
    "\\<a",
    "\\cA",
    "\\0",
    "\\e",
    "\\p{Klingon}",
    "\\u{110000}",
    "\\ud800",
    "a**",
    "a*+",
    "*a",
    "^*",
    "a{,2}",
    "a{2,1}",
    "x{",
    "(a",
    "a)",
    "[a",
    "a\\",
    "[b-a]",
    "[\\d-z]",
    "(?<a>x)(?<a>y)",
    "a\\nb",
    "a\nb",
    "[\\n]",
  ])("refuses the regular expression %j", async (pattern) => {
    await using workspace = workspaceOf({ "a.txt": "a\n" }, { ripgrep });

    expect((await search(workspace, { pattern, regex: true })).code).toBe("INVALID_PATTERN");
  });
});
