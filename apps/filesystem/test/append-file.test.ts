import { linkSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it.each([
  ["utf-8", "a\n", { content: "é" }, Buffer.from("a\né")],
  ["utf-8 with a mark", "\ufeffa", { content: "é" }, Buffer.from("\ufeffaé")],
  ["latin1", Buffer.from([0xe9, 0x0a]), { content: "é" }, Buffer.from([0xe9, 0x0a, 0xe9])],
  ["utf-16le", Buffer.from("\ufeffa", "utf16le"), { content: "b" }, Buffer.from("\ufeffab", "utf16le")],
  ["no last line end", "a\r\nb", { content: "c", ensureNewline: true }, Buffer.from("a\r\nb\r\nc")],
  ["a last line end", "a\r\nb\r\n", { content: "c", ensureNewline: true }, Buffer.from("a\r\nb\r\nc")],
  ["one line", "a", { content: "c", ensureNewline: true }, Buffer.from("a\nc")],
  ["nothing", "", { content: "c", ensureNewline: true }, Buffer.from("c")],
])("appends to a file with %s", async (_what, before, input, after) => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", before);

  const answer = await workspace.call("append_file", { path: "a.txt", ...input });

  expect(answer.text).toBe("Successfully appended to a.txt");
  expect(readFileSync(join(workspace.R, "a.txt"))).toEqual(after);
  expect(answer.data).toMatchObject({ size: after.length, bytes: after.length - Buffer.from(before).length });
  expect((await workspace.call("read_file", { path: "a.txt" })).data.etag).toBe(answer.data.etag);
});

it("creates a file unless told not to", async () => {
  await using workspace = createWorkspace();

  expect((await workspace.call("append_file", { path: "a", content: "x", createIfMissing: false })).code).toBe(
    "NOT_FOUND",
  );
  expect((await workspace.call("append_file", { path: "a", content: "x" })).data).toMatchObject({ bytes: 1, size: 1 });
});

it("breaks hard links, refuses binary files and stale conditions", async () => {
  await using workspace = createWorkspace();
  linkSync(join(workspace.O, "s.txt"), join(workspace.R, "h"));
  workspace.write("R/b", Buffer.from([0, 1, 2, 3]));

  const linked = await workspace.call("append_file", { path: "h", content: "+" });
  const binary = await workspace.call("append_file", { path: "b", content: "+" });
  const stale = await workspace.call("append_file", { path: "h", content: "+", ifMatch: "old" });

  expect(linked.data).toMatchObject({ bytes: 1, size: 7 });
  expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe("SECRET");
  expect(readFileSync(join(workspace.R, "h"), "utf8")).toBe("SECRET+");
  expect([binary.code, stale.code]).toEqual(["BINARY_FILE", "STALE_FILE"]);
});

it("loses nothing of many appends at once", async () => {
  await using workspace = createWorkspace();

  const calls = Array.from({ length: 60 }, (_, index) =>
    workspace.call("append_file", { path: "log", content: `${index}\n` }),
  );
  await Promise.all(calls);

  const lines = readFileSync(join(workspace.R, "log"), "utf8").trimEnd().split("\n");
  expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index));
});
