import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

const mib = 1 << 20;

function layOut(workspace: Workspace): void {
  for (let directory = 0; directory < 300; directory += 1) {
    mkdirSync(join(workspace.R, `d${directory}`));
    for (let file = 0; file < 60; file += 1)
      writeFileSync(join(workspace.R, `d${directory}/f${file}.txt`), "some text\n");
  }
  workspace.write("R/large.txt", "a line of text that is not very long\n".repeat(500_000));
}

/** Calls that each have a lot to do. */
const calls: readonly (readonly [string, Record<string, unknown>])[] = [
  ["directory_tree", { maxEntries: 50_000, format: "compact" }],
  ["search_files", { pattern: "**/*9.txt" }],
  ["search_files_content", { pattern: "not in any of them" }],
  ["read_text_file", { path: "large.txt", offset: 400_000, limit: 1 }],
  ["get_file_info", { path: "large.txt", hash: "sha256", countLines: true }],
  ["edit_file", { path: "large.txt", edits: [{ oldText: "nowhere to be found", newText: "x" }] }],
  ["copy_file", { source: "large.txt", destination: "copy.txt" }],
  ["copy_file", { source: "d1", destination: "copied", recursive: true }],
  ["write_file", { path: "written.txt", content: "x".repeat(30 * mib) }],
  ["append_file", { path: "written.txt", content: "y".repeat(10 * mib) }],
  ["move_file", { source: "copied", destination: "moved" }],
  ["delete_file", { path: "moved", recursive: true }],
];

it("never keeps other calls waiting for long", { timeout: 60_000 }, async () => {
  await using workspace = createWorkspace({ ripgrep: "off" });
  layOut(workspace);

  const slow: unknown[] = [];
  for (const [tool, input] of calls) {
    const turn = await longestTurn(() => workspace.call(tool, input));
    if (turn > 100) slow.push([tool, input, turn]);
  }

  expect(slow).toEqual([]);
});

/** The longest time, in milliseconds of this thread's own work, between two turns of the event loop. */
async function longestTurn(act: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isOver = false;
  let last = process.threadCpuUsage();
  const sample = (): void => {
    const { user, system } = process.threadCpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.threadCpuUsage();
    if (!isOver) setImmediate(sample);
  };
  setImmediate(sample);
  await act();
  isOver = true;
  sample();
  return longest;
}

it.each([
  ["directory_tree", { maxEntries: 50_000, format: "compact" }],
  ["search_files", { pattern: "**/*.none" }],
  ["search_files_content", { pattern: "nowhere" }],
  ["delete_file", { path: "d", recursive: true }],
  ["copy_file", { source: "d", destination: "c", recursive: true }],
])("stops %s within 200 ms of a cancellation", async (tool, input) => {
  await using workspace = createWorkspace({ ripgrep: "off" });
  for (let file = 0; file < 5000; file += 1) workspace.write(`R/d/${file % 50}/f${file}.txt`, "some text\n");
  const stop = new AbortController();
  const call = workspace.call(tool, input, { signal: stop.signal }).catch(() => "stopped");

  setImmediate(() => stop.abort());
  const atAbort = Promise.withResolvers<NodeJS.CpuUsage>();
  stop.signal.addEventListener("abort", () => atAbort.resolve(process.threadCpuUsage()));
  const start = await atAbort.promise;
  await call;

  // In time of this thread's own work, so that a busy machine does not count.
  const { user, system } = process.threadCpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(200);
});

it("keeps error texts short, whatever path they are about", async () => {
  await using workspace = createWorkspace();
  const path = `${"\u0001".repeat(200)}/`.repeat(20).slice(0, 4000);

  for (const input of [
    { path },
    { path: `${workspace.R}/${path}` },
    { path: `../${path}` },
    { path: "x".repeat(9000) },
  ]) {
    const { text, isError } = await workspace.call("read_text_file", input);
    expect(isError).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
  }
  const paths = Array.from({ length: 100 }, () => path);
  expect(Buffer.byteLength((await workspace.call("read_multiple_files", { paths })).text)).toBeLessThanOrEqual(
    256 * 1024,
  );
});
