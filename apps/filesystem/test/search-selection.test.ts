import { describe, expect, it } from "vitest";
import { engines, type Files, search, workspaceOf } from "./search-workspace.ts";

describe.each(engines)("with %s", (engine, ripgrep) => {
  const tree: Files = {
    ".gitignore": "*.log\nbuild/\n/top.txt\n!keep.log\nsub/deep/*.tmp\n# comment\ntrail  \n",
    "a.log": "hit",
    "keep.log": "hit",
    "top.txt": "hit",
    "sub/top.txt": "hit",
    "build/out.txt": "hit",
    "sub/build/out.txt": "hit",
    "sub/.gitignore": "!build/\n*.md\n",
    "sub/readme.md": "hit",
    "sub/deep/x.tmp": "hit",
    "sub/deep/x.txt": "hit",
    trail: "hit",
    ".hidden": "hit",
    ".dir/file": "hit",
    "dotignore/.ignore": "secret.txt\n",
    "dotignore/secret.txt": "hit",
    "dotignore/.gitignore": "!secret.txt\n",
    "rg/.rgignore": "no.txt\n",
    "rg/no.txt": "hit",
    "repo/.git/info/exclude": "excluded.txt\n",
    "repo/.git/config": "hit",
    "repo/excluded.txt": "hit",
    "repo/inner.log": "hit",
    "weird [x]/file.txt": "hit",
    "weird [x]/.gitignore": "file.t?t\n!file.txt\n",
  };

  it.each([
    [{}, ["keep.log", "sub/build/out.txt", "sub/deep/x.txt", "sub/top.txt", "weird [x]/file.txt"]],
    [{ path: "sub" }, ["sub/build/out.txt", "sub/deep/x.txt", "sub/top.txt"]],
    [{ path: "sub/deep" }, ["sub/deep/x.txt"]],
    [{ path: "sub/deep", respectGitignore: false }, ["sub/deep/x.tmp", "sub/deep/x.txt"]],
    [{ path: "repo" }, []],
    [{ path: "repo", includeHidden: true }, []],
    [{ path: "build" }, ["build/out.txt"]],
    [
      { path: "repo", includeHidden: true, respectGitignore: false },
      ["repo/.git/config", "repo/excluded.txt", "repo/inner.log"],
    ],
    [{ includeHidden: true, include: [".*", "**/.dir/*"] }, [".dir/file", ".hidden"]],
    [{ include: ["*.txt"], excludePatterns: ["sub/deep", "weird*"] }, ["sub/build/out.txt", "sub/top.txt"]],
    [{ include: ["*.log"] }, ["keep.log"]],
    [{ include: ["sub/**"] }, ["sub/build/out.txt", "sub/deep/x.txt", "sub/top.txt"]],
    [{ include: ["{keep,inner}.log"] }, ["keep.log"]],
    [{ excludePatterns: ["**/*.txt", "[rk]e*"] }, []],
    [{ excludePatterns: ["repo/", "sub/**", "weird [[]x]"] }, ["keep.log"]],
  ])("looks into the files that %j selects", async (input, expected) => {
    await using workspace = workspaceOf(tree, { ripgrep });

    const answer = await search(workspace, { pattern: "hit", outputMode: "files", ...input });

    expect(answer.data.files.map((path: string) => path.slice(workspace.R.length + 1))).toEqual(expected);
    expect(answer.data.engine).toBe(engine);
  });
});
