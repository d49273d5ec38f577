import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it("lists names in byte order with what each is", async () => {
  await using workspace = createWorkspace();
  for (const name of ["b.txt", "B.txt", "a-b", "\u{1f600}", "\uff5e"]) workspace.write(`R/${name}`, "");
  mkdirSync(join(workspace.R, "a"));
  symlinkSync("a", join(workspace.R, "l"));
  execFileSync("mkfifo", [join(workspace.R, "pipe")]);
  workspace.write("R/.bothways-1-a-0123456789abcdef.tmp", "");

  const answer = await workspace.call("list_directory", {});

  expect(answer.text.split("\n")).toEqual([
    "[FILE] B.txt",
    "[DIR] a",
    "[FILE] a-b",
    "[FILE] b.txt",
    "[LINK] l",
    "[OTHER] pipe",
    "[FILE] \uff5e",
    "[FILE] \u{1f600}",
  ]);
  expect(answer.data.entries[1]).toEqual({ name: "a", type: "directory" });
  expect(answer.data).toMatchObject({ total: 8, hidden: 0, truncated: false, content: answer.text });
});

it("pages through a long list without losing or repeating a name, even while it changes", async () => {
  await using workspace = createWorkspace();
  for (let index = 100; index < 125; index += 1) workspace.write(`R/${index}`, "");

  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await workspace.call("list_directory", { limit: 10, ...(cursor && { cursor }) });
    names.push(...data.entries.map((entry: { name: string }) => entry.name));
    cursor = data.nextCursor;
    writeFileSync(join(workspace.R, `0${names.length}`), "");
  } while (cursor);

  expect(names).toEqual(Array.from({ length: 25 }, (_, index) => String(100 + index)));
});

it("cuts the list at the text limit and says so", async () => {
  await using workspace = createWorkspace({ maxRead: 4096 });
  for (let index = 0; index < 100; index += 1) workspace.write(`R/${"x".repeat(200)}${index}`, "");

  const answer = await workspace.call("list_directory", {});

  expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(4096);
  expect(answer.data.truncated).toBe(true);
  expect(answer.blocks[1]).toMatchObject({ text: expect.stringContaining("nextCursor") });
});

it.each([
  ["limit", 0],
  ["limit", 5001],
  ["limit", 1.5],
  ["cursor", "garbage"],
  ["unknown", 1],
])("refuses %s %s", async (key, value) => {
  await using workspace = createWorkspace();

  expect((await workspace.call("list_directory", { [key]: value })).code).toBe("INVALID_INPUT");
});

it("says that a file is not a directory", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "");

  expect((await workspace.call("list_directory", { path: "a.txt" })).code).toBe("NOT_DIRECTORY");
  expect((await workspace.call("list_directory", { path: "a.txt/b" })).code).toBe("NOT_DIRECTORY");
  expect((await workspace.call("list_directory", { path: "none" })).code).toBe("NOT_FOUND");
});
