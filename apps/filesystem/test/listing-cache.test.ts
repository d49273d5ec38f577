import { closeSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { descriptorContainment } from "../src/safe-fs/descriptor.ts";
import { ListingCache } from "../src/safe-fs/listing-cache.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

const entries = [{ name: "a", type: "file" }] as const;

/** Looks at a directory as a walk does. */
function look(path: string) {
  const root = descriptorContainment.openRoot(join(path, ".."));
  const entry = descriptorContainment.look(root, path.slice(path.lastIndexOf("/") + 1));
  const held = { fd: entry.fd, dev: entry.stat.dev, ino: entry.stat.ino, path };
  return {
    held,
    stat: entry.stat,
    [Symbol.dispose]() {
      closeSync(entry.fd);
      closeSync(root.fd);
    },
  };
}

it("hands out names until the directory changes", async () => {
  await using workspace = createWorkspace();
  const cache = new ListingCache(() => Date.now() + 5000);
  const path = join(workspace.R, "d");
  mkdirSync(path);
  using before = look(path);

  cache.put(descriptorContainment, before.held, before.stat, entries);
  const kept = cache.get(before.stat);
  writeFileSync(join(path, "b"), "");
  using after = look(path);

  expect(kept).toEqual(entries);
  expect(cache.get(after.stat)).toBeUndefined();
});

it("does not keep names of a directory that changed a moment ago", async () => {
  await using workspace = createWorkspace();
  const cache = new ListingCache();
  const path = join(workspace.R, "d");
  mkdirSync(path);
  using fresh = look(path);

  cache.put(descriptorContainment, fresh.held, fresh.stat, entries);

  expect(cache.get(fresh.stat)).toBeUndefined();
});

it("keeps nothing of volumes whose times prove nothing", () => {
  const cache = new ListingCache(() => Date.now() + 1e12);
  using looked = look("/proc/sys");

  cache.put(descriptorContainment, looked.held, looked.stat, entries);

  expect(cache.get(looked.stat)).toBeUndefined();
});

it("forgets the oldest names when it has too many", async () => {
  await using workspace = createWorkspace();
  const cache = new ListingCache(() => Date.now() + 5000);
  const many = Array.from({ length: 60_000 }, () => entries[0]);
  for (const name of ["a", "b"]) mkdirSync(join(workspace.R, name));
  using first = look(join(workspace.R, "a"));
  using second = look(join(workspace.R, "b"));

  cache.put(descriptorContainment, first.held, first.stat, many);
  cache.put(descriptorContainment, second.held, second.stat, many);

  expect(cache.get(first.stat)).toBeUndefined();
  expect(cache.get(second.stat)).toBe(many);
});

async function namesIn(workspace: Workspace): Promise<string[]> {
  const { data } = await workspace.call("search_files", { pattern: "**" });
  return data.matches.map(
    ({ path, type }: { path: string; type: string }) => `${path.slice(workspace.R.length)} ${type}`,
  );
}

it("never shows in the answer of a search: what changed since is seen at once", async () => {
  await using workspace = createWorkspace();
  for (const path of ["d/a", "d/e/b", "f/c"]) workspace.write(`R/${path}`, "");
  await namesIn(workspace);
  // Long enough for the directories to be kept from now on.
  await setTimeout(1100);
  await namesIn(workspace);
  const { R } = workspace;

  writeFileSync(join(R, "d/new"), "");
  renameSync(join(R, "d/e"), join(R, "f/e"));
  const moved = await namesIn(workspace);
  rmSync(join(R, "f/c"));
  mkdirSync(join(R, "f/c"));
  rmSync(join(R, "d/a"));
  symlinkSync("new", join(R, "d/a"));
  const replaced = await namesIn(workspace);

  expect(moved).toEqual([
    "/d directory",
    "/d/a file",
    "/d/new file",
    "/f directory",
    "/f/c file",
    "/f/e directory",
    "/f/e/b file",
  ]);
  expect(replaced).toEqual([
    "/d directory",
    "/d/a symlink",
    "/d/new file",
    "/f directory",
    "/f/c directory",
    "/f/e directory",
    "/f/e/b file",
  ]);
});
