import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it("describes a file, the official keys first", async () => {
  await using workspace = createWorkspace();
  chmodSync(workspace.write("R/a.png", Buffer.from("\x89PNG\r\n\x1a\n", "latin1")), 0o640);

  const answer = await workspace.call("get_file_info", { path: "a.png" });

  expect(answer.text.split("\n").map((line) => line.slice(0, line.indexOf(":")))).toEqual([
    "size",
    "created",
    "modified",
    "accessed",
    "isDirectory",
    "isFile",
    "permissions",
    "type",
    "nlink",
    "etag",
    "mimeType",
  ]);
  expect(answer.text).toContain("permissions: 640");
  expect(answer.data).toMatchObject({ size: 8, isFile: true, type: "file", nlink: 1, mimeType: "image/png" });
});

it("hashes and counts lines on request", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "one\ntwo\nthree");

  const { data } = await workspace.call("get_file_info", { path: "a.txt", hash: "md5", countLines: true });

  expect(data).toMatchObject({ lineCount: 3, hash: "af80be2e6d697f29a9d85b87a4999205" });
});

it("describes a link itself when asked to", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "12345");
  symlinkSync("a.txt", join(workspace.R, "l"));
  symlinkSync("../O", join(workspace.R, "out"));

  expect((await workspace.call("get_file_info", { path: "l" })).data).toMatchObject({ type: "file", size: 5 });
  const link = await workspace.call("get_file_info", { path: "l", followSymlinks: false });
  expect(link.data).toMatchObject({ type: "symlink", isFile: false });
  expect((await workspace.call("get_file_info", { path: "out", followSymlinks: false })).data.type).toBe("symlink");
});
