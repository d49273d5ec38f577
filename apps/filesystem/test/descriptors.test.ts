import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

const calls: readonly (readonly [string, Record<string, unknown>])[] = [
  ["read_text_file", { path: "d/a.txt" }],
  ["read_text_file", { path: "link/a.txt", tail: 1 }],
  ["read_text_file", { path: "none" }],
  ["read_text_file", { path: "d" }],
  ["read_text_file", { path: "pipe" }],
  ["read_text_file", { path: "out/s.txt" }],
  ["read_text_file", { path: "loop/x" }],
  ["read_text_file", { path: "d/a.txt/x" }],
  ["read_text_file", { path: "d/.env" }],
  ["read_media_file", { path: "d/a.txt", maxBytes: 1 }],
  ["read_multiple_files", { paths: ["d/a.txt", "none", "pipe"] }],
  ["list_directory", { path: "d" }],
  ["list_directory", { path: "d/a.txt" }],
  ["list_directory_with_sizes", {}],
  ["directory_tree", {}],
  ["directory_tree", { maxEntries: 2 }],
  ["search_files", { query: "a" }],
  ["search_files", { query: "a", maxResults: 1 }],
  ["get_file_info", { path: "d/a.txt", hash: "md5" }],
  ["get_file_info", { path: "out", followSymlinks: false }],
  ["write_file", { path: "d/w", content: "x" }],
  ["write_file", { path: "d/w", content: "x", ifMatch: "stale" }],
  ["write_file", { path: "x/y/z", content: "x" }],
  ["write_file", { path: "d/w", content: "x", mustNotExist: true }],
  ["append_file", { path: "d/w", content: "x" }],
  ["create_directory", { path: "n/m/o" }],
  ["create_directory", { path: "d/a.txt" }],
  ["copy_file", { source: "d", destination: "c", recursive: true }],
  ["copy_file", { source: "d", destination: "d/c", recursive: true }],
  ["move_file", { source: "c", destination: "m" }],
  ["move_file", { source: "d", destination: "d/m" }],
  ["delete_file", { path: "n", recursive: true }],
  ["delete_file", { path: "m", recursive: true }],
  ["delete_file", { path: "d" }],
];

it.each([
  [10_000, true],
  [2000, false],
])("closes every descriptor of %d mixed calls (proc: %s)", { timeout: 120_000 }, async (count, procFd) => {
  await using workspace = createWorkspace({ procFd, deny: [".env"] });
  layOut(workspace);
  for (const [tool, input] of calls) await workspace.call(tool, input);
  const before = descriptors();

  for (let turn = 0; turn < count / calls.length; turn += 1) {
    await Promise.all(calls.map(([tool, input]) => workspace.call(tool, input)));
  }

  expect(descriptors()).toBe(before);
});

function layOut(workspace: Workspace): void {
  workspace.write("R/d/a.txt", "one\ntwo\n");
  workspace.write("R/d/.env", "HIDDEN");
  mkdirSync(join(workspace.R, "d/e/f"), { recursive: true });
  symlinkSync("d", join(workspace.R, "link"));
  symlinkSync("../O", join(workspace.R, "out"));
  symlinkSync("loop", join(workspace.R, "loop"));
  execFileSync("mkfifo", [join(workspace.R, "pipe")]);
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
