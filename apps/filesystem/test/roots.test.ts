import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseRootArgument } from "../src/safe-fs/roots.ts";
import { createWorkspace } from "./workspace.ts";

it.each([
  ["/a", { path: "/a", access: "rw" }],
  ["/a:ro", { path: "/a", access: "ro" }],
  ["/a:rw", { path: "/a", access: "rw" }],
  ["/x:ro:rw", { path: "/x:ro", access: "rw" }],
  ["/a:rx", { path: "/a:rx", access: "rw" }],
  [":ro", { path: ":ro", access: "rw" }],
])("reads the directory argument %s", (text, expected) => {
  expect(parseRootArgument(text)).toEqual(expected);
});

it("lets the deepest directory decide, however it is reached", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R/b:ro"] }, (base) => {
    mkdirSync(join(base, "R/b"));
    symlinkSync("b", join(base, "R/link"));
  });

  const answer = await workspace.call("list_allowed_directories");

  expect(answer.data.directories).toEqual([
    { path: workspace.R, access: "rw", source: "command-line" },
    { path: `${workspace.R}/b`, access: "ro", source: "command-line" },
  ]);
});

it("takes the narrower access when a directory is given twice", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R:ro"] });

  const answer = await workspace.call("list_allowed_directories");

  expect(answer.data.directories).toEqual([{ path: workspace.R, access: "ro", source: "command-line" }]);
});

it("skips directories it cannot open, with one warning each", async () => {
  await using workspace = createWorkspace({ directories: ["none", "R", "O/s.txt"] });

  const answer = await workspace.call("list_allowed_directories");

  expect(answer.data.directories).toHaveLength(1);
  expect(workspace.warnings).toHaveLength(2);
});

it("resolves a link given as directory once, and knows both spellings", async () => {
  await using workspace = createWorkspace({ directories: ["link"] }, (base) => symlinkSync("R", join(base, "link")));
  workspace.write("R/a.txt", "text");

  expect((await workspace.call("list_allowed_directories")).text).toBe(`Allowed directories:\n${workspace.R}`);
  expect((await workspace.call("read_file", { path: `${workspace.base}/link/a.txt` })).text).toBe("text");
  expect((await workspace.call("read_file", { path: `${workspace.R}/a.txt` })).text).toBe("text");
});

it("answers every call with the fix when there is no directory", async () => {
  await using workspace = createWorkspace({ directories: [] });

  for (const [name, input] of [
    ["list_allowed_directories", {}],
    ["read_file", { path: "a.txt" }],
    ["list_directory", {}],
    ["search_files", { query: "a" }],
  ] as const) {
    expect((await workspace.call(name, input)).text).toMatch(/^NO_DIRECTORIES: .*directory argument/);
  }
});
