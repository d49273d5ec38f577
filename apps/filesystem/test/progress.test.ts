import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it.each([
  ["directory_tree", {}],
  ["search_files", { query: "f" }],
  ["search_files_content", { pattern: "text" }],
  ["copy_file", { source: "d", destination: "c", recursive: true }],
  ["delete_file", { path: "d", recursive: true }],
])("tells how far %s has come", async (tool, input) => {
  await using workspace = createWorkspace();
  for (let file = 0; file < 120; file += 1) workspace.write(`R/d/e${file % 10}/f${file}`, "text\n");
  const told: number[] = [];

  const { isError } = await workspace.call(tool, input, { progress: (done) => void told.push(done) });

  expect(isError).toBe(false);
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(told.toSorted((left, right) => left - right));
});
