import { homedir } from "node:os";
import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePath } from "../src/safe-fs/path-input.ts";

describe("on POSIX", () => {
  it.each([
    [".", false, []],
    ["a/b", false, ["a", "b"]],
    ["a//./b/", false, ["a", "b"]],
    ["a/../b", false, ["b"]],
    ["/a/../../b", true, ["b"]],
    ["/", true, []],
    ["~", true, homedir().split("/").slice(1)],
    ["~/x", true, [...homedir().split("/").slice(1), "x"]],
    ["~x", false, ["~x"]],
    [" a ", false, [" a "]],
    ['"a"', false, ['"a"']],
    ["%2e%2e/a", false, ["%2e%2e", "a"]],
    ["a\\b", false, ["a\\b"]],
    ["C:", false, ["C:"]],
  ])("reads %j", (text, absolute, segments) => {
    expect(parsePath(text, "linux")).toEqual({ absolute, segments });
  });

  it.each([
    "",
    "a\0b",
    "C:\\x",
    "c:/x",
    "\\\\server\\share",
    "x".repeat(256),
    "é".repeat(128),
    "\ud800",
    "a/".repeat(2049),
  ])("refuses %j as input", (text) => {
    expect(() => parsePath(text, "linux")).toThrow("INVALID_INPUT");
  });

  it.each(["..", "a/../..", "../a", "a/../../b/.."])("denies %j, which climbs above its directory", (text) => {
    expect(() => parsePath(text, "linux")).toThrow("ACCESS_DENIED");
  });

  it("never yields a name that means another directory", () => {
    const piece = constantFrom("..", ".", "", "a", "~", "%2e", "\\", " ", "C:");
    assert(
      property(array(piece, { maxLength: 8 }), (pieces) => {
        const segments = segmentsOf(pieces.join("/"));
        for (const segment of segments) expect([".", "..", ""]).not.toContain(segment);
      }),
    );
  });
});

describe("on Windows", () => {
  it.each([
    ["a\\b/c", false, ["a", "b", "c"]],
    ["C:\\x\\..\\y", true, ["C:", "y"]],
    ["C:\\..\\y", true, ["C:", "y"]],
    ["console.txt", false, ["console.txt"]],
  ])("reads %j", (text, absolute, segments) => {
    expect(parsePath(text, "win32")).toEqual({ absolute, segments });
  });

  it.each([
    "NUL",
    "con.txt",
    "a\\com1",
    "LPT9.log",
    "x.txt:stream",
    "a. ",
    "a.",
    "b ",
    "C:a",
    "\\\\srv\\share",
    "//srv/share",
  ])("refuses %j as input", (text) => {
    expect(() => parsePath(text, "win32")).toThrow("INVALID_INPUT");
  });
});

function segmentsOf(text: string): readonly string[] {
  try {
    return parsePath(text, "linux").segments;
  } catch {
    return [];
  }
}
