import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

function layOut(workspace: Workspace): void {
  workspace.write("R/.env", "HIDDEN");
  workspace.write("R/d/.env.local", "HIDDEN");
  workspace.write("R/private/key/a.txt", "HIDDEN");
  workspace.write("R/open.txt", "open");
}

it.each([
  [".env*", ".env"],
  [".env*", "d/.env.local"],
  [".env*", "d/.environment-that-does-not-exist"],
  ["private", "private"],
  ["private", "private/key/a.txt"],
  ["private/**", "private/key/a.txt"],
  ["private/key", "private/key/a.txt"],
  ["/private", "private/key/a.txt"],
  ["**/key/", "private/key/a.txt"],
])("with --deny %s, no tool answers about %s", async (glob, path) => {
  await using workspace = createWorkspace({ deny: [glob] });
  layOut(workspace);

  for (const tool of ["read_file", "get_file_info", "list_directory"]) {
    const answer = await workspace.call(tool, { path });
    expect(answer.code).toBe("ACCESS_DENIED");
    expect(answer.text).not.toContain("HIDDEN");
  }
});

it("tells names apart by case where the volume does", async () => {
  await using workspace = createWorkspace({ deny: ["OPEN.TXT"] });
  layOut(workspace);

  expect((await workspace.call("read_file", { path: "open.txt" })).text).toBe("open");
});

it("hides what is denied behind links and behind names with line feeds", async () => {
  await using workspace = createWorkspace({ deny: ["**/secret.txt"] });
  workspace.write("R/line\nfeed/secret.txt", "HIDDEN");
  workspace.write("R/public.txt", "public");
  symlinkSync("line\nfeed/secret.txt", join(workspace.R, "to-secret"));
  symlinkSync("line\nfeed", join(workspace.R, "to-directory"));
  mkdirSync(join(workspace.R, "x"));
  symlinkSync("../public.txt", join(workspace.R, "x/secret.txt"));

  for (const path of ["to-secret", "to-directory/secret.txt", "line\nfeed/secret.txt", "x/secret.txt"]) {
    expect((await workspace.call("read_file", { path })).code).toBe("ACCESS_DENIED");
  }
});

it("leaves denied entries out of lists and searches, and counts them", async () => {
  await using workspace = createWorkspace({ deny: [".env*", "private"] });
  layOut(workspace);

  const list = await workspace.call("list_directory", {});
  const found = await workspace.call("search_files", { pattern: "**" });

  expect(list.text).toBe("[DIR] d\n[FILE] open.txt");
  expect(list.data).toMatchObject({ hidden: 2, total: 2 });
  expect(found.text).toBe(`${workspace.R}/d\n${workspace.R}/open.txt`);
});

it("applies the rules of an outer directory inside a nested one", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R/d"], deny: ["d/secret.txt"] }, (base) => {
    mkdirSync(join(base, "R/d"));
  });
  workspace.write("R/d/secret.txt", "HIDDEN");

  expect((await workspace.call("read_file", { path: "d/secret.txt" })).code).toBe("ACCESS_DENIED");
  expect((await workspace.call("read_file", { path: join(workspace.R, "d/secret.txt") })).code).toBe("ACCESS_DENIED");
});

it("does not serve a directory that a rule of an outer one hides", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R/d"], deny: ["d"] }, (base) => {
    mkdirSync(join(base, "R/d"));
  });
  workspace.write("R/d/a.txt", "HIDDEN");

  expect((await workspace.call("read_file", { path: "d/a.txt" })).code).toBe("ACCESS_DENIED");
  expect(workspace.warnings).toEqual([expect.stringContaining("hidden by --deny")]);
});
