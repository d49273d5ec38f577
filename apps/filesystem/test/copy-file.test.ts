import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

describe.each([true, false])("with /proc: %s", (procFd) => {
  it("copies a file with its mode, and its times when told", async () => {
    await using workspace = createWorkspace({ procFd });
    const source = workspace.write("R/a.txt", "A".repeat(700_000));
    chmodSync(source, 0o640);
    utimesSync(source, 1e9, 1e9);

    const plain = await workspace.call("copy_file", { source: "a.txt", destination: "b.txt" });
    await workspace.call("copy_file", { source: "a.txt", destination: "c.txt", preserveTimestamps: true });

    expect(plain.text).toBe("Successfully copied a.txt to b.txt");
    expect(plain.data).toMatchObject({ files: 1, directories: 0, bytes: 700_000, skipped: [] });
    expect(readFileSync(join(workspace.R, "b.txt")).equals(readFileSync(source))).toBe(true);
    expect(statSync(join(workspace.R, "b.txt")).mode & 0o777).toBe(0o640);
    expect(statSync(join(workspace.R, "b.txt")).mtimeMs).toBeGreaterThan(1e12);
    expect(statSync(join(workspace.R, "c.txt")).mtimeMs).toBe(1e12);
  });

  it("copies a directory, its links as links, and reports what it skips", async () => {
    await using workspace = createWorkspace({ procFd });
    workspace.write("R/d/a.txt", "A");
    workspace.write("R/d/e/b.txt", "BB");
    symlinkSync("a.txt", join(workspace.R, "d/in"));
    symlinkSync("../../O/s.txt", join(workspace.R, "d/out"));

    const without = await workspace.call("copy_file", { source: "d", destination: "c" });
    const answer = await workspace.call("copy_file", { source: "d", destination: "c", recursive: true });

    expect(without.text).toMatch(/^NOT_REGULAR: .*recursive/);
    expect(answer.data).toMatchObject({ files: 3, directories: 2, bytes: 3 });
    expect(answer.data.skipped).toEqual([{ path: "out", code: "ACCESS_DENIED" }]);
    expect(readdirSync(join(workspace.R, "c"))).toEqual(["a.txt", "e", "in"]);
    expect(readlinkSync(join(workspace.R, "c/in"))).toBe("a.txt");
    expect(statSync(join(workspace.R, "c/e")).mode & 0o777).toBe(0o777 & ~process.umask());
  });
});

it("denies a link that leads outside", async () => {
  await using workspace = createWorkspace();
  symlinkSync("../O/s.txt", join(workspace.R, "l"));

  const answer = await workspace.call("copy_file", { source: "l", destination: "copy" });

  expect(answer.code).toBe("ACCESS_DENIED");
  expect(existsSync(join(workspace.R, "copy"))).toBe(false);
});

it("replaces only when told, and never one kind by another", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a", "A");
  workspace.write("R/b", "B");
  workspace.write("R/d/x", "X");
  workspace.write("R/e/x", "old");
  workspace.write("R/e/y", "Y");
  symlinkSync("nowhere", join(workspace.R, "dangling"));

  const codes: (string | undefined)[] = [];
  for (const input of [
    { source: "a", destination: "b" },
    { source: "a", destination: "dangling" },
    { source: "a", destination: "d", overwrite: true },
    { source: "d", destination: "b", overwrite: true, recursive: true },
    { source: "d", destination: "e", recursive: true },
    { source: "a", destination: "a", overwrite: true },
    { source: "d", destination: "d/new", recursive: true },
    { source: "a", destination: "b", overwrite: true },
    { source: "d", destination: "e", overwrite: true, recursive: true },
  ]) {
    codes.push((await workspace.call("copy_file", input)).code);
  }

  expect(codes).toEqual([...Array(5).fill("EXISTS"), "INVALID_INPUT", "INVALID_INPUT", undefined, undefined]);
  expect(readFileSync(join(workspace.R, "b"), "utf8")).toBe("A");
  expect(readFileSync(join(workspace.R, "e/x"), "utf8")).toBe("X");
  expect(readFileSync(join(workspace.R, "e/y"), "utf8")).toBe("Y");
});

it("neither copies denied entries nor writes to denied or read-only places", async () => {
  const options = { directories: ["R", "R/t/ro:ro"], deny: [".env*", "t/hidden"] };
  await using workspace = createWorkspace(options, (base) => mkdirSync(join(base, "R/t/ro"), { recursive: true }));
  workspace.write("R/s/.env", "HIDDEN");
  workspace.write("R/s/hidden", "H");
  workspace.write("R/s/ro/x", "X");
  workspace.write("R/s/fine", "F");

  const direct = await workspace.call("copy_file", { source: "s/.env", destination: "out" });
  const answer = await workspace.call("copy_file", { source: "s", destination: "t", recursive: true, overwrite: true });

  expect(direct.code).toBe("ACCESS_DENIED");
  expect(answer.data.files).toBe(1);
  expect(
    answer.data.skipped.toSorted((a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)),
  ).toEqual([
    { path: "hidden", code: "ACCESS_DENIED" },
    { path: "ro", code: "READ_ONLY" },
  ]);
  expect(readdirSync(join(workspace.R, "t"))).toEqual(["fine", "ro"]);
  expect(readdirSync(join(workspace.R, "t/ro"))).toEqual([]);
});
