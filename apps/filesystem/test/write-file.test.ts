import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

describe.each([
  ["descriptor", true],
  ["pinned", false],
])("with %s containment", (_kind, procFd) => {
  it("creates a file and replaces it, keeping its mode, and leaves nothing else", async () => {
    await using workspace = createWorkspace({ procFd });

    const created = await workspace.call("write_file", { path: "a.txt", content: "one" });
    chmodSync(join(workspace.R, "a.txt"), 0o604);
    const replaced = await workspace.call("write_file", { path: "a.txt", content: "zwei: ü" });

    expect(created.text).toBe("Successfully wrote to a.txt");
    expect(created.data).toMatchObject({ created: true, bytes: 3, path: "a.txt" });
    expect(replaced.data).toMatchObject({ created: false, bytes: 8 });
    expect(readFileSync(join(workspace.R, "a.txt"), "utf8")).toBe("zwei: ü");
    expect(statSync(join(workspace.R, "a.txt")).mode & 0o777).toBe(0o604);
    expect(readdirSync(workspace.R)).toEqual(["a.txt"]);
    expect((await workspace.call("get_file_info", { path: "a.txt" })).data.etag).toBe(replaced.data.etag);
    expect((await workspace.call("read_file", { path: "a.txt" })).data.etag).toBe(replaced.data.etag);
  });

  it("gives a new file the usual mode", async () => {
    await using workspace = createWorkspace({ procFd });

    await workspace.call("write_file", { path: "a.txt", content: "" });

    expect(statSync(join(workspace.R, "a.txt")).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it("writes through links that stay inside, and never through others", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/d/a.txt", "old");
    symlinkSync("d/a.txt", join(workspace.R, "in"));
    symlinkSync("d/new.txt", join(workspace.R, "dangling"));
    symlinkSync("../O/new", join(workspace.R, "out"));
    symlinkSync("../O/s.txt", join(workspace.R, "secret"));

    await workspace.call("write_file", { path: "in", content: "new" });
    await workspace.call("write_file", { path: "dangling", content: "made" });
    const out = await workspace.call("write_file", { path: "out", content: "x" });
    const secret = await workspace.call("write_file", { path: "secret", content: "x" });

    expect(readFileSync(join(workspace.R, "d/a.txt"), "utf8")).toBe("new");
    expect(readFileSync(join(workspace.R, "d/new.txt"), "utf8")).toBe("made");
    expect([out.code, secret.code]).toEqual(["ACCESS_DENIED", "ACCESS_DENIED"]);
    expect(existsSync(join(workspace.O, "new"))).toBe(false);
    expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe("SECRET");
  });

  it("creates missing parents only when told", async () => {
    await using workspace = createWorkspace({ procFd });

    const without = await workspace.call("write_file", { path: "a/b/c.txt", content: "x" });
    const answer = await workspace.call("write_file", { path: "a/b/c.txt", content: "x", createParents: true });

    expect(without.text).toMatch(/^NOT_FOUND: .*create_directory.*createParents/);
    expect(answer.isError).toBe(false);
    expect(readFileSync(join(workspace.R, "a/b/c.txt"), "utf8")).toBe("x");
  });

  it("breaks a hard link instead of writing through it", async () => {
    await using workspace = createWorkspace({ procFd });
    linkSync(join(workspace.O, "s.txt"), join(workspace.R, "h"));

    const answer = await workspace.call("write_file", { path: "h", content: "mine" });

    expect(answer.data).toMatchObject({ hardLinkBroken: true });
    expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe("SECRET");
    expect(readFileSync(join(workspace.R, "h"), "utf8")).toBe("mine");
  });
});

it.each([
  ["deny", [], "ACCESS_DENIED", "SECRET"],
  ["in-place", [], undefined, "mine"],
  ["in-place", ["*.key"], "ACCESS_DENIED", "SECRET"],
] as const)("with --hardlinks %s and --deny %j, answers %s", async (hardlinks, deny, code, content) => {
  await using workspace = createWorkspace({ hardlinks, deny });
  linkSync(join(workspace.O, "s.txt"), join(workspace.R, "h"));

  const answer = await workspace.call("write_file", { path: "h", content: "mine" });

  expect(answer.code).toBe(code);
  expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe(content);
});

it("writes only when the file is the one the caller has seen", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "one");
  const { etag } = (await workspace.call("read_file", { path: "a.txt" })).data;
  const sha = "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

  const first = await workspace.call("write_file", { path: "a.txt", content: "two", ifMatch: etag });
  const stale = await workspace.call("write_file", { path: "a.txt", content: "three", ifMatch: etag });
  const wrong = await workspace.call("write_file", { path: "a.txt", content: "three", ifMatch: sha });
  const absent = await workspace.call("write_file", { path: "none", content: "three", ifMatch: etag });

  expect(first.isError).toBe(false);
  expect([stale.code, wrong.code, absent.code]).toEqual(["STALE_FILE", "STALE_FILE", "STALE_FILE"]);
  expect(readFileSync(join(workspace.R, "a.txt"), "utf8")).toBe("two");
  expect(existsSync(join(workspace.R, "none"))).toBe(false);
});

it("takes a hash of the content as a condition", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "one");
  const ifMatch = "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

  expect((await workspace.call("write_file", { path: "a.txt", content: "two", ifMatch })).isError).toBe(false);
});

it("does not replace what must not exist", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "one");
  symlinkSync("nowhere", join(workspace.R, "dangling"));

  const file = await workspace.call("write_file", { path: "a.txt", content: "x", mustNotExist: true });
  const link = await workspace.call("write_file", { path: "dangling", content: "x", mustNotExist: true });
  const fresh = await workspace.call("write_file", { path: "b.txt", content: "x", mustNotExist: true });

  expect([file.code, link.code, fresh.code]).toEqual(["EXISTS", "EXISTS", undefined]);
});

it.each([
  [{ content: "AAEC", base64: true }, Buffer.from([0, 1, 2])],
  [{ content: "é", encoding: "latin1" }, Buffer.from([0xe9])],
  [{ content: "é", encoding: "utf-16le" }, Buffer.from([0xe9, 0])],
])("writes %j as those bytes", async (input, expected) => {
  await using workspace = createWorkspace();

  await workspace.call("write_file", { path: "a", ...input });

  expect(readFileSync(join(workspace.R, "a"))).toEqual(expected);
});

it.each([
  [{ content: "not base64!", base64: true }, "INVALID_INPUT"],
  [{ content: "AAEC", base64: true, encoding: "latin1" }, "INVALID_INPUT"],
  [{ content: "x", mustNotExist: true, ifMatch: "a" }, "INVALID_INPUT"],
  [{ content: "\u4e00", encoding: "latin1" }, "ENCODING_ERROR"],
  [{ content: "x", encoding: "klingon" }, "INVALID_INPUT"],
  [{ content: "x".repeat(5000) }, "TOO_LARGE"],
])("refuses %j with %s and writes nothing", async (input, code) => {
  await using workspace = createWorkspace({ maxFile: 4096 });
  workspace.write("R/a", "old");

  expect((await workspace.call("write_file", { path: "a", ...input })).code).toBe(code);
  expect(readFileSync(join(workspace.R, "a"), "utf8")).toBe("old");
});

it("refuses directories, read-only places and its own temporary names", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R/b:ro"] }, (base) => mkdirSync(join(base, "R/b")));
  symlinkSync("b", join(workspace.R, "link"));

  const codes: (string | undefined)[] = [];
  for (const path of [".", "b", "b/x", "link/x", ".bothways-1-a-0123456789abcdef.tmp"]) {
    codes.push((await workspace.call("write_file", { path, content: "x", createParents: true })).code);
  }

  expect(codes).toEqual(["NOT_REGULAR", "READ_ONLY", "READ_ONLY", "READ_ONLY", "INVALID_INPUT"]);
  expect(readdirSync(join(workspace.R, "b"))).toEqual([]);
});

it("leaves the old file when the call is cancelled before the new one is complete", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a", "old");
  const stop = new AbortController();
  const call = workspace.call("write_file", { path: "a", content: "x".repeat(40_000_000) }, { signal: stop.signal });

  stop.abort();

  await expect(call).rejects.toThrow();
  expect(readFileSync(join(workspace.R, "a"), "utf8")).toBe("old");
  expect(readdirSync(workspace.R)).toEqual(["a"]);
});
