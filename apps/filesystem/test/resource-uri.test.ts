import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { fileUri, pathOfUri } from "../src/safe-fs/resource-uri.ts";

it.each([
  ["file:///a/b", "/a/b"],
  ["FILE://localhost/a", "/a"],
  ["file:///a%20b/%C3%BC", "/a b/ü"],
  ["file:///a%2520b", "/a%20b"],
  ["file:///a/../b", "/a/../b"],
  ["file:///a/%2e%2e/b", "/a/../b"],
])("reads %s as %s", (uri, path) => {
  expect(pathOfUri(uri, false)).toBe(path);
});

it.each([
  "file:///a%2Fb",
  "file:///a%2fb",
  "file:///a%00",
  "file://example.org/a",
  "file:///a?b",
  "file:///a#b",
  "file:/a",
  "file:a",
  "http://localhost/a",
  "file:///a%",
  "file:///a%ff",
  "file://localhost",
  "file://LOCALHOST.evil/a",
])("refuses %s", (uri) => {
  expect(pathOfUri(uri, false)).toBeUndefined();
});

it("reads a Windows path, but no backslash", () => {
  expect(pathOfUri("file:///C:/a%20b", true)).toBe("C:/a b");
  expect(pathOfUri("file:///C:/a%5Cb", true)).toBeUndefined();
});

it("leaves plain characters as they are", () => {
  expect(fileUri("/a b/c+d(1)@[x]", false)).toBe("file:///a%20b/c+d(1)@%5Bx%5D");
  expect(fileUri("C:\\a b", true)).toBe("file:///C:/a%20b");
});

it("reads back every uri it makes", () => {
  const name = string({ unit: "binary", minLength: 1 }).filter(
    (text) => !/[/\0]|^\.\.?$/.test(text) && text.isWellFormed(),
  );
  assert(
    property(name, (text) => {
      expect(pathOfUri(fileUri(`/d/${text}`, false), false)).toBe(`/d/${text}`);
    }),
  );
});
