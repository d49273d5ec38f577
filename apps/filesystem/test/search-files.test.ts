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

it("leaves out what ignore files name, on request", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  workspace.write("R/.gitignore", "*.py\n!b.py\n/z.txt\n");

  const all = await workspace.call("search_files", { pattern: "**/*.{py,txt}" });
  const some = await workspace.call("search_files", { pattern: "**/*.{py,txt}", respectGitignore: true });
  const below = await workspace.call("search_files", { path: "d", query: "c", respectGitignore: true });

  expect(all.data.matches).toHaveLength(5);
  expect(some.data.matches.map(({ path }: { path: string }) => path.slice(workspace.R.length + 1))).toEqual([
    "d/b.py",
    "d/e/c.txt",
  ]);
  expect(below.data.matches).toHaveLength(2);
});

it("refuses a cursor of another search", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const { data } = await workspace.call("search_files", { pattern: "**", maxResults: 1 });

  const other = await workspace.call("search_files", { pattern: "*", cursor: data.nextCursor });

  expect(other.code).toBe("INVALID_INPUT");
});

it.each([{ pattern: "a".repeat(1025) }, { query: "**".repeat(9) }, { pattern: "a", excludePatterns: ["{1..999}"] }])(
  "refuses globs that are too much",
  async (input) => {
    await using workspace = createWorkspace();

    expect((await workspace.call("search_files", input)).code).toBe("INVALID_PATTERN");
  },
);

it("stays below the text limit and goes on from there", async () => {
  await using workspace = createWorkspace({ maxRead: 4096 });
  for (let index = 0; index < 60; index += 1) workspace.write(`R/${"n".repeat(150)}${index}`, "");

  const answer = await workspace.call("search_files", { query: "n" });
  const next = await workspace.call("search_files", { query: "n", cursor: answer.data.nextCursor });

  expect(answer.data).toMatchObject({ truncated: true, stoppedReason: "bytes" });
  expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(4096);
  expect(next.data.matches[0].path > answer.data.matches.at(-1).path).toBe(true);
});
