import { describe, expect, it } from "vitest";
import { compileExclusions, compileGlob, compileNameGlob, type GlobMatcher } from "../src/search/globs.ts";

/** Paths in the order of the answers; what each glob stands for is told by minimatch with dot files. */
const paths = ["a", "a.ts", ".a", "b/a.ts", "b/c/a.ts", "b/.a", "x[1]", "é", "b", "a1", "a\nb", "A.ts"];

function those(matches: GlobMatcher): string[] {
  return paths.filter((path) => matches(path));
}

it.each([
  ["*", ["a", "a.ts", ".a", "x[1]", "é", "b", "a1", "a\nb", "A.ts"]],
  ["**", paths],
  ["*.ts", ["a.ts", "A.ts"]],
  ["**/*.ts", ["a.ts", "b/a.ts", "b/c/a.ts", "A.ts"]],
  ["b/**", ["b/a.ts", "b/c/a.ts", "b/.a"]],
  ["b/*/a.ts", ["b/c/a.ts"]],
  ["b/**/a.ts", ["b/a.ts", "b/c/a.ts"]],
  ["?", ["a", "é", "b"]],
  ["[ab]", ["a", "b"]],
  ["[!a]", ["é", "b"]],
  ["[a-c]", ["a", "b"]],
  ["a[[:digit:]]", ["a1"]],
  ["x\\[1\\]", ["x[1]"]],
  ["x[[]1]", ["x[1]"]],
  ["{a,b/a}.ts", ["a.ts", "b/a.ts"]],
  ["{a,{b,x[1]}}", ["a", "b"]],
  ["a{1..3}", ["a1"]],
  ["@(a|b)", ["a", "b"]],
  ["a?(.ts)", ["a", "a.ts"]],
  ["+([a-z])", ["a", "b"]],
  ["*(a|.)?(ts)", ["a", "a.ts", ".a"]],
  ["@(*|b).@(ts|js)", ["a.ts", "A.ts"]],
  ["!(b|*.ts)", ["a", ".a", "x[1]", "é", "a1", "a\nb"]],
  ["!(a)", ["a.ts", ".a", "x[1]", "é", "b", "a1", "a\nb", "A.ts"]],
  ["!**/*a*", ["x[1]", "é", "b", "A.ts"]],
  ["a*b", ["a\nb"]],
  ["a.b", []],
  ["{a", []],
])("%j stands for %j", (glob, expected) => {
  expect(those(compileGlob(glob))).toEqual(expected);
});

it("can leave case out of account", () => {
  expect(those(compileGlob("[a]*.TS", false))).toEqual(["a.ts", "A.ts"]);
});

it("reads globs of ignore files: without a slash at any depth, with one from the top", () => {
  expect(those(compileNameGlob("a.ts"))).toEqual(["a.ts", "b/a.ts", "b/c/a.ts"]);
  expect(those(compileNameGlob("b/*.ts"))).toEqual(["b/a.ts"]);
  expect(those(compileNameGlob("/a.ts"))).toEqual(["a.ts"]);
  expect(those(compileNameGlob("b/"))).toEqual(["b"]);
});

it("leaves out a plain name at any depth with all below it, and a pattern as it is", () => {
  expect(those(compileExclusions(["c"]))).toEqual(["b/c/a.ts"]);
  expect(those(compileExclusions(["*.ts"]))).toEqual(["a.ts", "A.ts"]);
});

describe("limits", () => {
  it.each([
    "a".repeat(1025),
    "**/".repeat(9),
    "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
    "{1..200}",
    "[b-a]",
    "@(a|@(b|@(c)))",
  ])("refuse %#", (glob) => {
    expect(() => compileGlob(glob)).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code: "INVALID_PATTERN" }) }),
    );
  });

  it.each(["a".repeat(1024), `${"**/".repeat(8)}a`, "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "{1..128}"])(
    "allow %#",
    (glob) => {
      expect(compileGlob(glob)("x")).toBe(false);
    },
  );
});

it.each([
  [`${"*a".repeat(300)}b`, "a".repeat(255)],
  [`${"**/*a*/".repeat(8)}b`, `${"aaa/".repeat(300)}c`],
  [`${"[ab]*".repeat(200)}c`, "ab".repeat(127)],
  ["+(a|aa|aaa)b", "a".repeat(250)],
  ["*(*(a|aa|aaa*))b", "a".repeat(250)],
  ["!(!(*a*)b)!(a*)!(*a)d", "a".repeat(250)],
])("answers at once, whatever it is matched against", (glob, path) => {
  const start = performance.now();

  expect(compileGlob(glob)(path)).toBe(false);

  expect(performance.now() - start).toBeLessThan(100);
});
