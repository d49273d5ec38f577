import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it("leaves out what ignore files name, on request", async () => {
  await using workspace = createWorkspace();
  for (const path of ["a.log", "a.txt", "out/b.txt", "d/.gitignore", "d/out/c.txt"]) workspace.write(`R/${path}`, "");
  workspace.write("R/.gitignore", "*.log\nout/\n");
  workspace.write("R/d/.gitignore", "!out/\n");

  const tree = await workspace.call("directory_tree", { respectGitignore: true, format: "compact" });

  expect(tree.text).toBe(".gitignore\na.txt\nd/\n  .gitignore\n  out/\n    c.txt");
});
