import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

function layOut(workspace: Workspace): void {
  for (const path of ["a.py", "d/b.py", "d/.hidden.py", "d/e/C.PY", "d/e/c.txt", "z.txt"])
    workspace.write(`R/${path}`, "");
  symlinkSync("../O", join(workspace.R, "out"));
}

it.each([
  [{ pattern: "*.py" }, ["a.py"]],
  [{ pattern: "**/*.py" }, ["a.py", "d/.hidden.py", "d/b.py"]],
  [{ pattern: "**/*.py", caseSensitive: false }, ["a.py", "d/.hidden.py", "d/b.py", "d/e/C.PY"]],
  [{ pattern: "**/*.py", excludePatterns: ["d"] }, ["a.py"]],
  [{ query: "C." }, ["d/e/C.PY", "d/e/c.txt"]],
  [{ query: "*.txt" }, ["d/e/c.txt", "z.txt"]],
  [{ query: "e", type: "directory" }, ["d/e"]],
  [{ query: "out" }, ["out"]],
  [{ query: "s.txt" }, []],
  [{ query: "py", maxDepth: 2 }, ["a.py", "d/.hidden.py", "d/b.py"]],
])("finds %j", async (input, expected) => {
  await using workspace = createWorkspace();
  layOut(workspace);

  const answer = await workspace.call("search_files", input);

  expect(answer.data.matches.map(({ path }: { path: string }) => path.slice(workspace.R.length + 1))).toEqual(expected);
  const lines = expected.map((path) => `${workspace.R}/${path}`);
  expect(answer.text).toBe(lines.join("\n") || "No matches found");
});

it.each([[{}], [{ pattern: "a", query: "b" }]])("wants exactly one of pattern and query, not %j", async (input) => {
  await using workspace = createWorkspace();

  expect((await workspace.call("search_files", input)).code).toBe("INVALID_INPUT");
});

it("hints at ** when a flat pattern finds nothing", async () => {
  await using workspace = createWorkspace();

  const answer = await workspace.call("search_files", { pattern: "*.rs" });

  expect(answer.blocks[1]).toMatchObject({ text: expect.stringContaining("**/") });
});

it("continues where a page ended", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);

  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await workspace.call("search_files", { pattern: "**", maxResults: 2, ...(cursor && { cursor }) });
    found.push(...data.matches.map(({ path }: { path: string }) => path.slice(workspace.R.length + 1)));
    cursor = data.nextCursor;
  } while (cursor);

  expect(found).toEqual(["a.py", "d", "d/.hidden.py", "d/b.py", "d/e", "d/e/C.PY", "d/e/c.txt", "out", "z.txt"]);
});
