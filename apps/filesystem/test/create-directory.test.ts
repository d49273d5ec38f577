import { mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it.each([true, false])("creates what is missing and says what that was (proc: %s)", async (procFd) => {
  await using workspace = createWorkspace({ procFd });
  mkdirSync(join(workspace.R, "a"));

  const answer = await workspace.call("create_directory", { path: "a/b/c" });
  const again = await workspace.call("create_directory", { path: "a/b/c" });

  expect(answer.text).toBe("Successfully created directory a/b/c");
  expect(answer.data.created).toEqual([`${workspace.R}/a/b`, `${workspace.R}/a/b/c`]);
  expect(again.data.created).toEqual([]);
  expect(statSync(join(workspace.R, "a/b/c")).isDirectory()).toBe(true);
});

it("refuses files in the way, the outside and read-only places", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R/b:ro"] }, (base) => mkdirSync(join(base, "R/b")));
  workspace.write("R/file", "");
  symlinkSync("../O/new", join(workspace.R, "out"));

  const codes: (string | undefined)[] = [];
  for (const path of ["file", "file/x", "out", "out/x", "b/x", ".", "b"]) {
    codes.push((await workspace.call("create_directory", { path })).code);
  }

  expect(codes).toEqual([
    "EXISTS",
    "NOT_DIRECTORY",
    "ACCESS_DENIED",
    "ACCESS_DENIED",
    "READ_ONLY",
    undefined,
    undefined,
  ]);
  expect(readdirSync(workspace.O)).toEqual(["s.txt"]);
});
