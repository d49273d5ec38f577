import { mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

function layOut(workspace: Workspace): void {
  for (const [name, size] of [
    ["a", 10],
    ["b", 2048],
    ["c", 3],
    ["e", 10],
  ] as const) {
    utimesSync(workspace.write(`R/${name}`, Buffer.alloc(size)), 1e9, 1e9 + (name === "c" ? 5 : 0));
  }
}

it("pads names and sizes and sums up, as the official server does", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  mkdirSync(join(workspace.R, "d"));

  const { text } = await workspace.call("list_directory_with_sizes", {});

  expect(text.split("\n")).toEqual([
    `[FILE] a${" ".repeat(29)}       10 B`,
    `[FILE] b${" ".repeat(29)}    2.00 KB`,
    `[FILE] c${" ".repeat(29)}        3 B`,
    `[DIR] d${" ".repeat(29)} `,
    `[FILE] e${" ".repeat(29)}       10 B`,
    "",
    "Total: 4 files, 1 directories",
    "Combined size: 2.02 KB",
  ]);
});

it.each([
  ["name", ["a", "b", "c", "e"]],
  ["size", ["b", "a", "e", "c"]],
  ["mtime", ["c", "a", "b", "e"]],
])("sorts by %s, in pages too", async (sortBy, expected) => {
  await using workspace = createWorkspace();
  layOut(workspace);

  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const input = { sortBy, limit: 1, ...(cursor && { cursor }) };
    const { data } = await workspace.call("list_directory_with_sizes", input);
    expect(data.total).toBe(4);
    names.push(...data.entries.map(({ name }: { name: string }) => name));
    cursor = data.nextCursor;
  } while (cursor);

  expect(names).toEqual(expected);
});

it("refuses a cursor of another order", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const { data } = await workspace.call("list_directory_with_sizes", { limit: 1 });

  const answer = await workspace.call("list_directory_with_sizes", { sortBy: "size", cursor: data.nextCursor });

  expect(answer.code).toBe("INVALID_INPUT");
});
