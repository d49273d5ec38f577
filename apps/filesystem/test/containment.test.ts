import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

const kinds = [
  ["descriptor", true],
  ["pinned", false],
] as const;

describe.each(kinds)("with %s containment", (kind, procFd) => {
  it("says how it is contained", async () => {
    await using workspace = createWorkspace({ procFd });

    const answer = await workspace.call("list_allowed_directories");

    expect(answer.data.containment).toBe(kind);
    expect(answer.text).toBe(`Allowed directories:\n${workspace.R}`);
  });

  it.each(["R/../O/s.txt", "../O/s.txt", "R//..//O/s.txt", "R-evil/s.txt", "O/s.txt", "../R/a.txt"])(
    "denies %s",
    async (path) => {
      await using workspace = createWorkspace({ procFd });
      const asked = path.startsWith("..") ? path : join(workspace.base, "x").slice(0, -1) + path;

      expect(await workspace.call("read_file", { path: asked })).toMatchObject(denial);
    },
  );

  it("takes percent signs for what they are", async () => {
    await using workspace = createWorkspace({ procFd });

    expect((await workspace.call("read_file", { path: `${workspace.R}/%2e%2e/O/s.txt` })).code).toBe("NOT_FOUND");
  });

  it.each([
    ["a link to a file", "../O/s.txt", "l"],
    ["a link to a directory", "../O", "l/s.txt"],
    ["a dangling link", "../O/none", "l"],
    ["a link to the root of the system", "/", "l/etc/passwd"],
    ["a link through proc", "/proc/self/cwd", "l/package.json"],
  ])("denies what %s outside leads to", async (_what, target, path) => {
    await using workspace = createWorkspace({ procFd });
    symlinkSync(target, join(workspace.R, "l"));

    for (const tool of ["read_file", "read_text_file", "get_file_info", "list_directory"]) {
      expect(await workspace.call(tool, { path })).toMatchObject(denial);
    }
  });

  it("answers the same for what exists outside and what does not", async () => {
    await using workspace = createWorkspace({ procFd });
    symlinkSync("../O", join(workspace.R, "l"));

    const there = await workspace.call("read_file", { path: "l/s.txt" });
    const absent = await workspace.call("read_file", { path: "l/t.txt" });

    expect(there.text.replace("s.txt", "t.txt")).toBe(absent.text);
  });

  it.each([
    ["relative", "d/a.txt"],
    ["relative through its parent", "../R/d/a.txt"],
    ["with dots", "./d/../d/./a.txt"],
  ])("follows a %s link that stays inside", async (_what, target) => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/d/a.txt", "inside");
    symlinkSync(target, join(workspace.R, "l"));

    expect((await workspace.call("read_file", { path: "l" })).text).toBe("inside");
  });

  it("follows absolute links, links to directories and links into another allowed directory", async () => {
    await using workspace = createWorkspace({ procFd, directories: ["R", "R-evil"] });
    workspace.write("R/d/a.txt", "inside");
    symlinkSync(join(workspace.R, "d"), join(workspace.R, "absolute"));
    symlinkSync("../R-evil", join(workspace.R, "other"));

    expect((await workspace.call("read_file", { path: "absolute/a.txt" })).text).toBe("inside");
    expect((await workspace.call("read_file", { path: "other/s.txt" })).text).toBe("SECRET");
  });

  it("calls a loop of links what it is", async () => {
    await using workspace = createWorkspace({ procFd });
    symlinkSync("b", join(workspace.R, "a"));
    symlinkSync("a", join(workspace.R, "b"));

    expect((await workspace.call("read_file", { path: "a" })).code).toBe("INVALID_INPUT");
  });

  it("never opens what is not a regular file", async () => {
    await using workspace = createWorkspace({ procFd });
    execFileSync("mkfifo", [join(workspace.R, "pipe")]);
    workspace.write("R/a.txt", "text");
    const start = performance.now();

    const answers = await Promise.all(Array.from({ length: 4 }, () => workspace.call("read_file", { path: "pipe" })));
    const normal = await workspace.call("read_file", { path: "a.txt" });

    expect(answers.map(({ code }) => code)).toEqual(Array(4).fill("NOT_REGULAR"));
    expect(normal.text).toBe("text");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("stays with the directory it opened when another takes its place", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/a.txt", "inside");

    renameSync(workspace.R, join(workspace.base, "moved"));
    symlinkSync("O", workspace.R);

    const answer = await workspace.call("read_file", { path: "s.txt" });
    expect(answer.isError).toBe(true);
    const kept = await workspace.call("read_file", { path: "a.txt" });
    expect(kept.isError ? "refused" : kept.text).toBe(procFd ? "inside" : "refused");
  });

  it("reads through hard links", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/a.txt", "text");
    linkSync(join(workspace.R, "a.txt"), join(workspace.R, "b.txt"));

    expect((await workspace.call("read_file", { path: "b.txt" })).text).toBe("text");
  });

  it.each([
    "a..b",
    "-rf",
    '"q"',
    " lead",
    "trail ",
    "line\nfeed",
    "[x]",
    "%2e%2e",
    "~tilde",
    "*",
    "back\\slash",
    "C:",
    "é",
  ])("reads a file that is named %j", async (name) => {
    await using workspace = createWorkspace({ procFd });
    writeFileSync(join(workspace.R, name), "odd");
    mkdirSync(join(workspace.R, "d"));
    writeFileSync(join(workspace.R, "d", name), "odd too");

    expect((await workspace.call("read_file", { path: `./${name}` })).text).toBe("odd");
    expect((await workspace.call("read_file", { path: `${workspace.R}/d/${name}` })).text).toBe("odd too");
  });

  it("finds a name that differs only in how it is encoded, unless two do", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write(`R/cafe\u0301/shot\u202fpm.txt`, "found");

    expect((await workspace.call("read_file", { path: "caf\u00e9/shot pm.txt" })).text).toBe("found");

    workspace.write(`R/cafe\u0301/shot\u00a0pm.txt`, "second");
    expect((await workspace.call("read_file", { path: "caf\u00e9/shot pm.txt" })).code).toBe("NOT_FOUND");
  });
});

it("refuses views of the kernel below a directory on another volume", async () => {
  await using workspace = createWorkspace({ directories: ["/"] });

  const answer = await workspace.call("read_file", { path: "/proc/self/environ" });

  expect(answer.code).toBe("ACCESS_DENIED");
  expect((await workspace.call("list_directory", { path: "/proc" })).code).toBe("ACCESS_DENIED");
});

it("reads a view of the kernel that is an allowed directory itself, although its size says 0", async () => {
  await using workspace = createWorkspace({ directories: ["/proc/self"] });

  expect((await workspace.call("read_file", { path: "status", head: 1 })).text).toMatch(/^Name:/);
});

it("leaves the outside as it was", async () => {
  await using workspace = createWorkspace();
  symlinkSync("../O/s.txt", join(workspace.R, "l"));

  await workspace.call("read_file", { path: "l" });

  expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe("SECRET");
});

/** What an answer about the outside looks like, whatever is there. */
const denial = {
  code: "ACCESS_DENIED",
  text: expect.stringMatching(/^ACCESS_DENIED: Access denied - path outside allowed directories(?!.*SECRET)/s),
};
