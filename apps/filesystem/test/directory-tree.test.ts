import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { asOrdinaryUser } from "./ordinary-user.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

function layOut(workspace: Workspace): void {
  for (const path of ["a/b/c.txt", "a/d.txt", "z.txt", 'q"uote/é.txt']) workspace.write(`R/${path}`, "");
  mkdirSync(join(workspace.R, "empty"));
  symlinkSync("../O", join(workspace.R, "link"));
}

it("shows everything below as JSON in the official layout, links as links", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);

  const { text, data } = await workspace.call("directory_tree", {});

  const expected = [
    {
      name: "a",
      type: "directory",
      children: [
        { name: "b", type: "directory", children: [{ name: "c.txt", type: "file" }] },
        { name: "d.txt", type: "file" },
      ],
    },
    { name: "empty", type: "directory", children: [] },
    { name: "link", type: "symlink" },
    { name: 'q"uote', type: "directory", children: [{ name: "é.txt", type: "file" }] },
    { name: "z.txt", type: "file" },
  ];
  expect(text).toBe(JSON.stringify(expected, null, 2));
  expect(data).toMatchObject({ entryCount: 9, truncated: false, errors: [] });
});

it("indents names in the compact format", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);

  const { text } = await workspace.call("directory_tree", { format: "compact", excludePatterns: ["b"] });

  expect(text).toBe('a/\n  d.txt\nempty/\nlink@\nq"uote/\n  é.txt\nz.txt');
});

it("shows nothing of an empty directory as an empty list", async () => {
  await using workspace = createWorkspace();

  expect((await workspace.call("directory_tree", {})).text).toBe("[]");
});

it.each([
  [["b"], ["a", "a/d.txt"]],
  [["*/b"], ["a", "a/d.txt"]],
  [["**/*.txt"], ["a", "a/b"]],
  [["c.txt"], ["a", "a/b", "a/d.txt"]],
  [["*.txt"], ["a", "a/b", "a/b/c.txt", "a/d.txt"]],
])("leaves out %j", async (excludePatterns, expected) => {
  await using workspace = createWorkspace();
  workspace.write("R/a/b/c.txt", "");
  workspace.write("R/a/d.txt", "");

  const { text } = await workspace.call("directory_tree", { excludePatterns });

  expect(pathsOf(JSON.parse(text))).toEqual(expected);
});

it("stays valid JSON wherever it is cut, and within the limit", async () => {
  await using workspace = createWorkspace({ maxRead: 4096 });
  for (let index = 0; index < 60; index += 1)
    workspace.write(`R/${"d/".repeat(index % 7)}${"n".repeat(index)}${index}`, "");

  for (const maxEntries of [1, 2, 3, 7, 20, 41, 5000]) {
    const { text, data, blocks } = await workspace.call("directory_tree", { maxEntries });

    expect(JSON.stringify(JSON.parse(text), null, 2)).toBe(text);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(pathsOf(JSON.parse(text))).toHaveLength(data.entryCount);
    expect(data.truncated).toBe(true);
    expect(blocks).toHaveLength(2);
  }
});

it("gives a directory it does not enter no children", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a/b/c.txt", "");

  expect(JSON.parse((await workspace.call("directory_tree", { maxDepth: 1 })).text)).toEqual([
    { name: "a", type: "directory" },
  ]);
});

it("reports directories deeper than it goes instead of following them", async () => {
  await using workspace = createWorkspace();
  const depth = 300;
  let path = workspace.R;
  for (let level = 0; level < depth; level += 1) mkdirSync((path = join(path, "d")));

  const { data } = await workspace.call("directory_tree", { format: "compact" });

  expect(data).toMatchObject({ entryCount: 257, truncated: false });
  expect(data.errors).toEqual([{ path: Array(257).fill("d").join("/"), code: "TOO_LARGE" }]);
});

it("leaves out what ignore files leave out, when told", async () => {
  await using workspace = createWorkspace();
  for (const path of ["a/.gitignore", "a/b.log", "a/c.txt", "node_modules/x.js"])
    workspace.write(`R/${path}`, "*.log\n");
  workspace.write("R/.gitignore", "node_modules\n");

  const { text } = await workspace.call("directory_tree", { format: "compact", respectGitignore: true });

  expect(text).toBe(".gitignore\na/\n  .gitignore\n  c.txt");
});

it("shows the rest when a directory cannot be read, and says which", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a/x", "");
  workspace.write("R/b/y", "");
  chmodSync(join(workspace.R, "a"), 0);

  const answer = await asOrdinaryUser(workspace, () => workspace.call("directory_tree", { format: "compact" }));
  chmodSync(join(workspace.R, "a"), 0o755);

  expect(answer.text).toBe("a/\nb/\n  y");
  expect(answer.data.errors).toEqual([{ path: "a", code: "ACCESS_DENIED" }]);
});

interface Node {
  readonly name: string;
  readonly children?: readonly Node[];
}

function pathsOf(nodes: readonly Node[], prefix = ""): string[] {
  return nodes.flatMap(({ name, children = [] }) => [prefix + name, ...pathsOf(children, `${prefix}${name}/`)]);
}
