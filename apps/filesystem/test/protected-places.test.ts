import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Arbitrary, array, asyncProperty, boolean, assert as check, constantFrom, record } from "fast-check";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** Ways to name things: directly, through links, through parents, absolute. */
const paths = [
  ".",
  "a",
  "a/b",
  "a/secret",
  "a/b/x.key",
  "a/open",
  "ro",
  "ro/f",
  "ro/d",
  "ro/d/g",
  "la",
  "la/secret",
  "lro",
  "lro/f",
  "lkey",
  "c",
  "c/secret",
  "c/b/x.key",
  "c/b",
  "d",
  "d/secret",
  "d/x",
  "n",
  "n/secret",
  "a/../ro/f",
  "./a//secret",
  "$R/a/secret",
  "$R/ro/f",
  "lla/secret",
  "lla/b/x.key",
  "x.key",
  "../O",
  "out",
  "out/s.txt",
  "a/ll",
  "c/ll/secret",
];

const path = constantFrom(...paths);
const flag = boolean();
const content = constantFrom("mine", "other");

type Call = readonly [tool: string, input: Record<string, unknown>];

function call(tool: string, input: Record<string, Arbitrary<unknown>>): Arbitrary<Call> {
  return record(input).map((given) => [tool, given] as const);
}

const calls: readonly Arbitrary<Call>[] = [
  call("read_text_file", { path }),
  call("read_multiple_files", { paths: array(path, { minLength: 1, maxLength: 3 }) }),
  call("list_directory", { path }),
  call("list_directory_with_sizes", { path }),
  call("directory_tree", { path }),
  call("search_files", { path, pattern: constantFrom("**", "**/*.key", "**/secret") }),
  call("search_files_content", {
    path,
    pattern: constantFrom("HIDDEN", "i"),
    includeHidden: flag,
    respectGitignore: flag,
    contextLines: constantFrom(0, 2),
    outputMode: constantFrom("matches", "files", "count"),
  }),
  call("get_file_info", { path, followSymlinks: flag }),
  call("write_file", { path, content, createParents: flag }),
  call("append_file", { path, content }),
  call("edit_file", { path, edits: constantFrom([{ oldText: "H", newText: "X", replaceAll: true }]) }),
  call("create_directory", { path }),
  call("move_file", { source: path, destination: path, createParents: flag }),
  call("copy_file", { source: path, destination: path, recursive: flag, overwrite: flag }),
  call("delete_file", { path, recursive: flag }),
];

const anyCall = constantFrom(...calls).chain((one) => one);

it("lets no sequence of calls reveal or change what is denied, read-only or outside", {
  timeout: 120_000,
}, async () => {
  await check(
    asyncProperty(array(anyCall, { minLength: 4, maxLength: 14 }), async (sequence) => {
      await using workspace = createWorkspace(settings, layOut);
      fill(workspace);
      const before = [snapshot(workspace.R), snapshot(workspace.O)];

      for (const [tool, input] of sequence) {
        const given: Record<string, unknown> = JSON.parse(JSON.stringify(input).replaceAll("$R", workspace.R));
        const answer = await workspace.call(tool, given);
        expect(JSON.stringify([answer.text, answer.data])).not.toMatch(/HIDDEN|SECRET/);
      }

      expect([snapshot(workspace.R), snapshot(workspace.O)]).toEqual(before);
    }),
    { numRuns: Number(process.env["BOTHWAYS_FUZZ_RUNS"] ?? 400) },
  );
});

const settings = { directories: ["R", "R/ro:ro"], deny: ["a/secret", "*.key", "n/secret"] };

function layOut(base: string): void {
  mkdirSync(join(base, "R/ro/d"), { recursive: true });
}

function fill(workspace: Workspace): void {
  for (const hidden of ["a/secret", "a/b/x.key"]) workspace.write(`R/${hidden}`, "HIDDEN");
  for (const fixed of ["ro/f", "ro/d/g"]) workspace.write(`R/${fixed}`, "Hi");
  for (const open of ["a/open", "d/x", "d/secret"]) workspace.write(`R/${open}`, "Hi");
  for (const [link, target] of Object.entries({
    la: "a",
    lla: "la",
    lro: "ro",
    lkey: "a/b/x.key",
    out: "../O",
    "a/ll": "../a",
  })) {
    symlinkSync(target, join(workspace.R, link));
  }
}

/** Everything that must stay as it is: the outside whole, inside what is denied and what is read-only. */
function snapshot(directory: string): unknown[] {
  const found: unknown[] = [];
  const visit = (place: string, name: string, isProtected: boolean): void => {
    const stat = lstatSync(place);
    const isFixed = isProtected || directory.endsWith("/O") || /(?:^|\/)a\/secret$|\.key$/.test(name);
    if (isFixed && stat.isFile()) found.push([name, stat.ino, stat.mtimeMs, readFileSync(place, "utf8")]);
    if (isFixed && !stat.isFile())
      found.push([name, stat.ino, stat.isDirectory() ? readdirSync(place).toSorted() : ""]);
    if (!stat.isDirectory()) return;
    for (const below of readdirSync(place).toSorted()) {
      visit(join(place, below), name === "" ? below : `${name}/${below}`, isFixed || (name === "" && below === "ro"));
    }
  };
  visit(directory, "", false);
  return found;
}
