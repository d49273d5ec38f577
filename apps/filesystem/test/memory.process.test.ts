import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

const gib = 1024 ** 3;

/** By how much a call raises the peak of a fresh process's memory, in MiB. */
function measure(workspace: Workspace, call: readonly [string, object]): number {
  const script = new URL("fixtures/measure-memory.ts", import.meta.url).pathname;
  const args = ["-C", "@bothways/source", script, workspace.R, join(workspace.base, "state"), JSON.stringify(call)];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(workspace.base, "compiled") };
  return Number(execFileSync(process.execPath, args, { encoding: "utf8", env }));
}

it.each([
  ["a sparse file of 5 GiB", layOutSparse],
  ["a line of 1 GiB", layOutLine],
  ["100,000 entries in a directory", layOutWide],
  ["5,000 nested directories", layOutDeep],
])("raises its peak memory by less than 64 MiB for %s", { timeout: 120_000 }, async (_what, layOut) => {
  await using workspace = createWorkspace();
  const calls = layOut(workspace);

  const grown = calls.map((call) => ({ call, grownMiB: measure(workspace, call) }));

  expect(grown.filter(({ grownMiB }) => !(grownMiB < 64))).toEqual([]);
});

function layOutSparse(workspace: Workspace): (readonly [string, object])[] {
  truncateSync(workspace.write("R/f", "first line\nsecond line\n"), 5 * gib);
  const path = "f";
  return [
    ["read_text_file", { path, head: 2 }],
    ["read_text_file", { path, encoding: "utf-8" }],
    ["read_text_file", { path, tail: 5, encoding: "utf-8" }],
    ["read_media_file", { path }],
    ["get_file_info", { path }],
    ["append_file", { path, content: "x" }],
    ["search_files_content", { path: ".", pattern: "needle" }],
  ];
}

function layOutLine(workspace: Workspace): (readonly [string, object])[] {
  // Written by a program that does not need the memory itself.
  execFileSync("sh", ["-c", `yes aaaaaaaaaaaaaaa | tr -d '\\n' | head -c ${gib} > "$1"`, "sh", join(workspace.R, "f")]);
  const path = "f";
  return [
    ["read_text_file", { path }],
    ["read_text_file", { path, head: 3 }],
    ["read_text_file", { path, tail: 1 }],
    ["read_text_file", { path, offset: 2 }],
    ["get_file_info", { path, countLines: true }],
    ["search_files_content", { path: ".", pattern: "needle" }],
  ];
}

function layOutWide(workspace: Workspace): (readonly [string, object])[] {
  for (let index = 0; index < 100_000; index += 1) writeFileSync(join(workspace.R, `file-${index}.txt`), "");
  return [
    ["list_directory", {}],
    ["list_directory_with_sizes", { limit: 5000 }],
    ["list_directory_with_sizes", { limit: 5000, sortBy: "mtime" }],
    ["directory_tree", {}],
    ["search_files", { pattern: "*-99999.txt" }],
    ["search_files_content", { pattern: "needle" }],
  ];
}

function layOutDeep(workspace: Workspace): (readonly [string, object])[] {
  // Beyond what a path can hold, so that it has to be made step by step.
  const start = process.cwd();
  process.chdir(workspace.R);
  for (let depth = 0; depth < 5000; depth += 1) {
    mkdirSync("d");
    process.chdir("d");
  }
  process.chdir(start);
  return [
    ["directory_tree", { format: "compact" }],
    ["search_files", { query: "d" }],
    ["search_files_content", { pattern: "needle" }],
    ["delete_file", { path: "d", recursive: true }],
    ["copy_file", { source: "d", destination: "c", recursive: true }],
  ];
}
