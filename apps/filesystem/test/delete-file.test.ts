import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

describe.each([true, false])("with /proc: %s", (procFd) => {
  it("deletes files, links as links, and directories only when told", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/a", "A");
    workspace.write("R/d/e/x", "X");
    writeFileSync(Buffer.from(`${workspace.R}/d/\xff`, "latin1"), "odd name");
    symlinkSync("../../O", join(workspace.R, "d/l"));
    symlinkSync("../O", join(workspace.R, "out"));

    expect((await workspace.call("delete_file", { path: "a" })).text).toBe("Successfully deleted a");
    expect((await workspace.call("delete_file", { path: "out" })).data).toMatchObject({
      deletedFiles: 1,
      deletedDirs: 0,
    });
    expect((await workspace.call("delete_file", { path: "d" })).text).toMatch(/^NOT_EMPTY: .*recursive/);
    const dry = await workspace.call("delete_file", { path: "d", recursive: true, dryRun: true });
    expect(dry.text).toBe("Would delete d");
    expect(readdirSync(workspace.R)).toEqual(["d"]);
    const real = await workspace.call("delete_file", { path: "d", recursive: true });

    expect(dry.data).toMatchObject({ deletedFiles: 3, deletedDirs: 2 });
    expect(real.data).toMatchObject({ deletedFiles: 3, deletedDirs: 2 });
    expect(readdirSync(workspace.R)).toEqual([]);
    expect(readdirSync(workspace.O)).toEqual(["s.txt"]);
  });
});

it("keeps allowed directories, their ancestors, denied entries and read-only places", async () => {
  const options = { directories: ["R", "R/b:ro", "R/x/y/c"], deny: [".env"] };
  await using workspace = createWorkspace(options, (base) => {
    mkdirSync(join(base, "R/b"));
    mkdirSync(join(base, "R/x/y/c"), { recursive: true });
  });
  workspace.write("R/b/a", "A");
  workspace.write("R/h/g/.env", "HIDDEN");
  workspace.write("R/h/first", "F");
  symlinkSync("b", join(workspace.R, "l"));

  const codes: (string | undefined)[] = [];
  for (const path of [".", "b", "b/a", "l/a", "x", "x/y", "x/y/c", "h", "h/g/.env"]) {
    codes.push((await workspace.call("delete_file", { path, recursive: true })).code);
  }

  const deny = "ACCESS_DENIED";
  expect(codes).toEqual([deny, "READ_ONLY", "READ_ONLY", "READ_ONLY", deny, deny, deny, deny, deny]);
  expect(existsSync(join(workspace.R, "h/first"))).toBe(true);
});

it("deletes only what the caller has seen", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a", "A");
  const { etag } = (await workspace.call("get_file_info", { path: "a" })).data;

  expect((await workspace.call("delete_file", { path: "a", ifMatch: "other" })).code).toBe("STALE_FILE");
  expect((await workspace.call("delete_file", { path: "a", ifMatch: etag })).isError).toBe(false);
});

it("deletes nothing of what is nested too deep", async () => {
  await using workspace = createWorkspace();
  let path = workspace.R;
  for (let level = 0; level < 300; level += 1) mkdirSync((path = join(path, "d")));
  workspace.write("R/d/first", "F");

  expect((await workspace.call("delete_file", { path: "d", recursive: true })).code).toBe("TOO_LARGE");
  expect(existsSync(join(workspace.R, "d/first"))).toBe(true);
});
