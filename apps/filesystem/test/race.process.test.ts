import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Turnstile } from "../src/safe-fs/turnstile.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** How long each tool is raced; three are at a time, or none would get far. */
const raceMs = Number(process.env["BOTHWAYS_RACE_MS"] ?? 5000);
const inFlight = 20;
const turns = new Turnstile(3);
let answeredInAll = 0;

/** What only the outside has: bytes, also in base64, a name, a size. */
const marks = ["SECRET", "U0VDUkVU", "only-outside", "54321"];

type Call = readonly [tool: string, input: Record<string, unknown>];

/** Calls that go through the swapped directory; `turn` tells repeated calls apart. */
const raced: readonly (readonly [string, (turn: number) => readonly Call[]])[] = [
  ["read_text_file", () => [["read_text_file", { path: "d/f.txt" }]]],
  ["read_file in pages", () => [["read_file", { path: "d/f.txt", offset: 2, limit: 1 }]]],
  ["read_media_file", () => [["read_media_file", { path: "d/f.txt" }]]],
  ["read_multiple_files", () => [["read_multiple_files", { paths: ["d/f.txt", "d/e/g.txt"] }]]],
  ["list_directory", () => [["list_directory", { path: "d" }]]],
  ["list_directory_with_sizes", () => [["list_directory_with_sizes", { path: "d" }]]],
  ["directory_tree", () => [["directory_tree", { path: "." }]]],
  ["search_files", () => [["search_files", { query: "o" }]]],
  [
    "search_files_content",
    () => [["search_files_content", { path: ".", pattern: "E|i", regex: true, contextLines: 1 }]],
  ],
  ["search_files_content of a file", () => [["search_files_content", { path: "d/f.txt", pattern: "e" }]]],
  [
    "edit_file",
    (turn) => [
      ["write_file", { path: "d/f.txt", content: "again" }],
      ["edit_file", { path: "d/f.txt", edits: [{ oldText: "a", newText: `${turn}`, replaceAll: true }] }],
    ],
  ],
  ["get_file_info", () => [["get_file_info", { path: "d/f.txt", hash: "md5" }]]],
  ["write_file", (turn) => [["write_file", { path: `d/w${turn % 5}`, content: `inside ${turn}` }]]],
  ["append_file", (turn) => [["append_file", { path: `d/a${turn % 5}`, content: "+" }]]],
  ["create_directory", (turn) => [["create_directory", { path: `d/n${turn}/m` }]]],
  [
    "delete_file",
    (turn) => [
      ["write_file", { path: "d/f.txt", content: "again" }],
      ["delete_file", { path: turn % 2 ? "d/f.txt" : "d/s.txt" }],
    ],
  ],
  [
    "delete_file of trees",
    () => [
      ["create_directory", { path: "d/e/h" }],
      ["delete_file", { path: "d/e", recursive: true }],
    ],
  ],
  [
    "move_file from",
    (turn) => [
      ["write_file", { path: "d/f.txt", content: "again" }],
      ["move_file", { source: "d/f.txt", destination: `moved${turn}` }],
    ],
  ],
  [
    "move_file to",
    (turn) => [
      ["write_file", { path: `m${turn}`, content: "inside" }],
      ["move_file", { source: `m${turn}`, destination: `d/m${turn}` }],
    ],
  ],
  [
    "copy_file from",
    (turn) => [["copy_file", { source: "d/f.txt", destination: `copied${turn % 50}`, overwrite: true }]],
  ],
  [
    "copy_file of trees",
    (turn) => [["copy_file", { source: "d", destination: `tree${turn % 20}`, recursive: true, overwrite: true }]],
  ],
  ["copy_file to", (turn) => [["copy_file", { source: "x.txt", destination: `d/c${turn % 50}`, overwrite: true }]]],
];

it.concurrent.each(raced)("lets no race lead %s outside", { timeout: 4 * raceMs + 60_000 }, async (_name, calls) => {
  const leave = await turns.enter({}, new AbortController().signal);
  await using workspace = createWorkspace();
  layOut(workspace);
  const before = snapshot(workspace.O);
  await using swapper = await swap(join(workspace.R, "d"), workspace.O);
  let answered = 0;
  let succeeded = 0;
  const end = performance.now() + raceMs;

  let turn = 0;
  const run = async (): Promise<void> => {
    // On a busy machine the one success that proves something may take longer.
    while (performance.now() < end || (succeeded === 0 && performance.now() < end + 20_000)) {
      turn += 1;
      for (const [tool, input] of calls(turn)) {
        const answer = await workspace.call(tool, input);
        const all = JSON.stringify([answer.text, answer.blocks, answer.data]);
        expect(marks.filter((mark) => all.includes(mark))).toEqual([]);
        answered += 1;
        if (!answer.isError) succeeded += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, run));

  await swapper.stop();
  leave();
  expect(snapshot(workspace.O)).toEqual(before);
  expect(filesWithSecret(workspace)).toEqual([]);
  expect(succeeded).toBeGreaterThan(0);
  answeredInAll += answered;
});

it("has raced at least 20,000 calls", () => {
  expect(answeredInAll).toBeGreaterThan(20_000 * (raceMs / 5000));
});

function layOut(workspace: Workspace): void {
  workspace.write("R/d/f.txt", "inside\nsecond\nthird\n");
  workspace.write("R/d/e/g.txt", "inside too\n");
  workspace.write("R/x.txt", "a file beside it");
  writeFileSync(join(workspace.O, "f.txt"), "SECRET".padEnd(54_321, "SECRET"));
  writeFileSync(join(workspace.O, "only-outside.txt"), "SECRET");
  mkdirSync(join(workspace.O, "e"));
  writeFileSync(join(workspace.O, "e/g.txt"), "SECRET");
}

/** Everything about a directory that a call could have changed. */
function snapshot(directory: string): unknown[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const stat = lstatSync(join(directory, name));
      return [name, stat.size, stat.mtimeMs, stat.ctimeMs, stat.mode, stat.ino];
    });
}

/** What calls have left inside of the outside. */
function filesWithSecret(workspace: Workspace): string[] {
  const names = readdirSync(workspace.R, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, "utf8").includes("SECRET"));
}

async function swap(directory: string, target: string): Promise<AsyncDisposable & { stop(): Promise<void> }> {
  const script = new URL("fixtures/swap-entry.ts", import.meta.url);
  const child: ChildProcess = spawn(process.execPath, [script.pathname, directory, target], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await once(child.stdout ?? child, "data");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    // Node's recursive listing goes through links.
    if (lstatSync(directory, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(directory);
  };
  return {
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(`${directory}.aside`, { recursive: true, force: true });
    },
  };
}
