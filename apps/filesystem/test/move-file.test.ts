import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

describe.each([true, false])("with /proc: %s", (procFd) => {
  it("moves files and directories, creating parents when told", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/d/a.txt", "A");

    const file = await workspace.call("move_file", { source: "d/a.txt", destination: "b.txt" });
    const directory = await workspace.call("move_file", { source: "d", destination: "x/y/e", createParents: true });

    expect(file.text).toBe("Successfully moved d/a.txt to b.txt");
    expect(directory.isError).toBe(false);
    expect(readFileSync(join(workspace.R, "b.txt"), "utf8")).toBe("A");
    expect(readdirSync(join(workspace.R, "x/y"))).toEqual(["e"]);
    expect(existsSync(join(workspace.R, "d"))).toBe(false);
  });

  it("moves a link itself", async () => {
    await using workspace = createWorkspace({ procFd });
    symlinkSync("../O/s.txt", join(workspace.R, "link"));

    await workspace.call("move_file", { source: "link", destination: "moved" });

    expect(readlinkSync(join(workspace.R, "moved"))).toBe("../O/s.txt");
    expect(existsSync(join(workspace.O, "s.txt"))).toBe(true);
    expect(lstatSync(join(workspace.R, "link"), { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each(["file", "empty", "full", "dangling"])("never replaces anything: %s", async (destination) => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/a.txt", "A");
    workspace.write("R/d/x", "");
    workspace.write("R/file", "F");
    workspace.write("R/full/x", "");
    mkdirSync(join(workspace.R, "empty"));
    symlinkSync("nowhere", join(workspace.R, "dangling"));

    for (const source of ["a.txt", "d"]) {
      expect((await workspace.call("move_file", { source, destination })).code).toBe("EXISTS");
    }

    expect(readFileSync(join(workspace.R, "a.txt"), "utf8")).toBe("A");
    expect(readdirSync(join(workspace.R, "d"))).toEqual(["x"]);
  });

  it("does not put a directory into itself", async () => {
    await using workspace = createWorkspace({ procFd });
    mkdirSync(join(workspace.R, "d/e"), { recursive: true });
    symlinkSync("d/e", join(workspace.R, "l"));

    for (const destination of ["d/x", "d/e/x", "l/x"]) {
      expect((await workspace.call("move_file", { source: "d", destination })).code).toBe("INVALID_INPUT");
    }
    expect(readdirSync(join(workspace.R, "d"))).toEqual(["e"]);
  });
});

it("moves to another volume, with modes, times and links", async () => {
  const other = mkdtempSync("/dev/shm/bothways-fs-");
  try {
    await using workspace = createWorkspace({ directories: ["R", other] });
    expect(statSync(other).dev).not.toBe(statSync(workspace.R).dev);
    workspace.write("R/d/a.txt", "A");
    workspace.write("R/f", "F".repeat(3_000_000));
    symlinkSync("a.txt", join(workspace.R, "d/l"));
    const { mtimeMs } = statSync(join(workspace.R, "d/a.txt"));

    expect((await workspace.call("move_file", { source: "d", destination: `${other}/d` })).text).toMatch(
      /^Successfully/,
    );
    expect((await workspace.call("move_file", { source: "f", destination: `${other}/f` })).text).toMatch(
      /^Successfully/,
    );

    expect(readdirSync(workspace.R)).toEqual([]);
    expect(readdirSync(other).toSorted()).toEqual(["d", "f"]);
    expect(readdirSync(join(other, "d"))).toEqual(["a.txt", "l"]);
    expect(Math.abs(statSync(join(other, "d/a.txt")).mtimeMs - mtimeMs)).toBeLessThan(2);
    expect(statSync(join(other, "f")).size).toBe(3_000_000);
  } finally {
    rmSync(other, { recursive: true });
  }
});

it("refuses allowed directories, what holds protected entries, and read-only sides", async () => {
  const options = { directories: ["R", "R/b:ro", "R/x/c"], deny: ["h/.env", "z/secret"] };
  await using workspace = createWorkspace(options, (base) => {
    mkdirSync(join(base, "R/b"));
    mkdirSync(join(base, "R/x/c"), { recursive: true });
  });
  workspace.write("R/b/a.txt", "A");
  workspace.write("R/h/.env", "HIDDEN");
  workspace.write("R/w/secret", "mine");
  workspace.write("R/a.txt", "A");
  symlinkSync("b", join(workspace.R, "link"));

  const codes: (string | undefined)[] = [];
  for (const [source, destination] of [
    [".", "new"],
    ["b", "new"],
    ["x/c", "new"],
    ["x", "new"],
    ["h", "new"],
    ["w", "z"],
    ["h/.env", "new"],
    ["b/a.txt", "new"],
    ["link/a.txt", "new"],
    ["a.txt", "b/new"],
    ["a.txt", "link/new"],
    ["a.txt", "z/secret"],
    ["a.txt", "../O/new"],
  ]) {
    codes.push((await workspace.call("move_file", { source, destination, createParents: true })).code);
  }

  const deny = "ACCESS_DENIED";
  const ro = "READ_ONLY";
  expect(codes).toEqual([deny, ro, deny, deny, deny, deny, deny, ro, ro, ro, ro, deny, deny]);
  expect(readdirSync(workspace.R).toSorted()).toEqual(["a.txt", "b", "h", "link", "w", "x"]);
});
