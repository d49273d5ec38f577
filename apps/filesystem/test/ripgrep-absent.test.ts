import { afterAll, beforeAll, expect, it } from "vitest";
import { linesOf, workspaceOf } from "./search-workspace.ts";

const variable = "npm_config_arch";
const before = process.env[variable];

// The package looks for its program by this name, as it would on a platform that it has none for.
beforeAll(() => {
  process.env[variable] = "none";
});

afterAll(() => {
  if (before === undefined) delete process.env[variable];
  else process.env[variable] = before;
});

function ignore(): void {}

it("searches without ripgrep where it is not installed, and says so once", async () => {
  const said: string[] = [];
  const log = { debug: (event: string) => void said.push(event), info: ignore, warn: ignore, error: ignore };
  await using workspace = workspaceOf({ "a.txt": "one\ntwo\n" }, { ripgrep: "auto" });

  const answer = await workspace.call("search_files_content", { pattern: "t.o", regex: true }, { log });
  await workspace.call("search_files_content", { pattern: "one" }, { log });

  expect(linesOf(answer, workspace)).toEqual(["a.txt:2:1:two"]);
  expect(answer.data.engine).toBe("builtin");
  expect(said).toEqual(["ripgrep is not installed; searching without it"]);
});
