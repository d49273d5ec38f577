import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Answer, createWorkspace, type Workspace } from "./workspace.ts";

/** The acceptance cases of the contract that are one call, or a few in a row. The others have files of their own. */

/** What an answer that gives nothing of the outside away is called in the expectations below. */
function verdict({ text, isError }: Answer, { O }: Workspace): string {
  if (text.includes("SECRET")) return "leaked content";
  if (!isError) return text;
  return text.includes(`${O}/`) && !text.includes('"/') ? "leaked a path" : "DENY";
}

async function verdicts(
  workspace: Workspace,
  tool: string,
  inputs: readonly Record<string, unknown>[],
): Promise<string[]> {
  const found: string[] = [];
  for (const input of inputs) found.push(verdict(await workspace.call(tool, input), workspace));
  expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe("SECRET");
  expect(readdirSync(workspace.O)).toEqual(["s.txt"]);
  return found;
}

it("C1: denies every spelling of a path that climbs out", async () => {
  await using workspace = createWorkspace();
  const { R, base } = workspace;

  const paths = [`${R}/../O/s.txt`, "../O/s.txt", `${R}//..//O/s.txt`, `${base}/R-evil/s.txt`];

  expect(
    await verdicts(
      workspace,
      "read_text_file",
      paths.map((path) => ({ path })),
    ),
  ).toEqual(Array(4).fill("DENY"));
});

it("C2: takes %2e%2e for a name", async () => {
  await using workspace = createWorkspace();

  expect((await workspace.call("read_text_file", { path: `${workspace.R}/%2e%2e/O/s.txt` })).code).toBe("NOT_FOUND");
});

it("C3: denies a link to an outside file to every tool", async () => {
  await using workspace = createWorkspace();
  symlinkSync("../O/s.txt", join(workspace.R, "l"));

  for (const tool of [
    "read_text_file",
    "edit_file",
    "get_file_info",
    "read_media_file",
    "copy_file",
    "search_files_content",
  ]) {
    const edits = tool === "edit_file" && { edits: [{ oldText: "S", newText: "T" }] };
    const pattern = tool === "search_files_content" && { pattern: "S" };
    const target = tool === "copy_file" ? { source: "l", destination: "copy" } : { path: "l" };
    expect(await verdicts(workspace, tool, [{ ...target, ...edits, ...pattern }])).toEqual(["DENY"]);
  }
});

it("C4: shows a link to an outside directory, and never enters it", async () => {
  await using workspace = createWorkspace();
  symlinkSync("../O", join(workspace.R, "ld"));

  expect(await verdicts(workspace, "list_directory", [{ path: "ld" }, {}])).toEqual(["DENY", "[LINK] ld"]);
  expect(await verdicts(workspace, "directory_tree", [{ path: "ld" }, { format: "compact" }])).toEqual(["DENY", "ld@"]);
  expect(await verdicts(workspace, "search_files", [{ query: "s.txt" }])).toEqual(["No matches found"]);
});

it("C5: creates nothing through a dangling link to the outside", async () => {
  await using workspace = createWorkspace();
  symlinkSync("../O/new", join(workspace.R, "d"));

  expect(await verdicts(workspace, "write_file", [{ path: "d", content: "x" }])).toEqual(["DENY"]);
  expect(await verdicts(workspace, "append_file", [{ path: "d", content: "x" }])).toEqual(["DENY"]);
  expect(await verdicts(workspace, "create_directory", [{ path: "d" }, { path: "d/x" }])).toEqual(["DENY", "DENY"]);
});

it("C6: follows links that stay inside, absolute and relative", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/d/a.txt", "inside");
  symlinkSync("d/a.txt", join(workspace.R, "relative"));
  symlinkSync(join(workspace.R, "d"), join(workspace.R, "absolute"));

  const inputs = [{ path: "relative" }, { path: "absolute/a.txt" }];

  expect(await verdicts(workspace, "read_text_file", inputs)).toEqual(["inside", "inside"]);
});

it("C7: moves a link, not what it leads to", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/target", "T");
  symlinkSync("target", join(workspace.R, "link"));

  await workspace.call("move_file", { source: "link", destination: "moved" });

  expect(readlinkSync(join(workspace.R, "moved"))).toBe("target");
  expect(readFileSync(join(workspace.R, "target"), "utf8")).toBe("T");
});

it("C8: answers four reads of a pipe at once, and a normal one after them", async () => {
  await using workspace = createWorkspace();
  execFileSync("mkfifo", [join(workspace.R, "pipe")]);
  workspace.write("R/a.txt", "text");
  const start = performance.now();

  const pipes = await Promise.all([1, 2, 3, 4].map(() => workspace.call("read_text_file", { path: "pipe" })));

  expect(pipes.map(({ code }) => code)).toEqual(Array(4).fill("NOT_REGULAR"));
  expect((await workspace.call("read_text_file", { path: "a.txt" })).text).toBe("text");
  expect(performance.now() - start).toBeLessThan(1000);
});

it("C9: leaves an outside file alone that has a name inside", async () => {
  await using workspace = createWorkspace();
  linkSync(join(workspace.O, "s.txt"), join(workspace.R, "h"));

  expect(await verdicts(workspace, "write_file", [{ path: "h", content: "x" }])).toEqual(["Successfully wrote to h"]);
});

it("C10: keeps both of two edits at once, in 60 rounds", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/a.txt", "");

  for (let round = 0; round < 60; round += 1) {
    workspace.write("R/a.txt", "one=0\ntwo=0\n");
    const edit = (name: string) =>
      workspace.call("edit_file", { path: "a.txt", edits: [{ oldText: `${name}=0`, newText: `${name}=${round}!` }] });
    const [one, two] = await Promise.all([edit("one"), edit("two")]);

    const text = readFileSync(path, "utf8");
    expect([one.isError || text.includes(`one=${round}!`), two.isError || text.includes(`two=${round}!`)]).toEqual([
      true,
      true,
    ]);
    expect(one.isError && two.isError).toBe(false);
  }
});

it("C12 to C15: edits only what is meant, byte by byte", async () => {
  await using workspace = createWorkspace();
  const edit = (path: string, more = {}) =>
    workspace.call("edit_file", { path, edits: [{ oldText: "x=1", newText: "x=2", ...more }] });
  const read = (path: string): string => readFileSync(join(workspace.R, path), "latin1");
  workspace.write("R/twice", "x=1\nx=1\n");
  workspace.write("R/latin1", Buffer.from("caf\xe9\nx=1\n", "latin1"));
  workspace.write("R/mixed", "a\r\nx=1\r\nb\nc\r");

  expect((await edit("twice")).code).toBe("AMBIGUOUS_MATCH");
  expect(read("twice")).toBe("x=1\nx=1\n");
  expect((await edit("twice", { replaceAll: true })).isError).toBe(false);
  expect(read("twice")).toBe("x=2\nx=2\n");
  await edit("latin1");
  expect(read("latin1")).toBe("caf\xe9\nx=2\n");
  await edit("mixed");
  expect(read("mixed")).toBe("a\r\nx=2\r\nb\nc\r");
  const stale = await workspace.call("edit_file", {
    path: "mixed",
    edits: [{ oldText: "a", newText: "b" }],
    ifMatch: "old",
  });
  expect(stale.code).toBe("STALE_FILE");
  expect(read("mixed")).toBe("a\r\nx=2\r\nb\nc\r");
});

it("C16: never moves onto something", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a", "");
  workspace.write("R/b", "");
  mkdirSync(join(workspace.R, "d"));

  for (const destination of ["b", "d"]) {
    expect((await workspace.call("move_file", { source: "a", destination })).code).toBe("EXISTS");
  }
});

it("C17: moves to another device", async () => {
  const other = mkdtempSync("/dev/shm/bothways-fs-");
  try {
    await using workspace = createWorkspace({ directories: ["R", other] });
    workspace.write("R/a", "A");

    const answer = await workspace.call("move_file", { source: "a", destination: `${other}/a` });

    expect(answer.isError).toBe(false);
    expect(readFileSync(join(other, "a"), "utf8")).toBe("A");
    expect(existsSync(join(workspace.R, "a"))).toBe(false);
  } finally {
    rmSync(other, { recursive: true });
  }
});

it("C19: takes a pattern that looks like a flag for text", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "--pre=id\n-f/etc/passwd\n");

  for (const pattern of ["--pre=id", "-f/etc/passwd"]) {
    expect((await workspace.call("search_files_content", { pattern })).text).toMatch(/a\.txt:[12]:-/);
  }
});

it("C21: writes nothing below a read-only directory, however it is named", async () => {
  await using workspace = createWorkspace({ directories: ["R", "R/b:ro"] }, (base) => mkdirSync(join(base, "R/b")));
  workspace.write("R/a", "A");
  symlinkSync("b", join(workspace.R, "link"));

  const answers = [
    await workspace.call("write_file", { path: "b/x", content: "x" }),
    await workspace.call("write_file", { path: "link/x", content: "x" }),
    await workspace.call("move_file", { source: "a", destination: "b/a" }),
  ];

  expect(answers.map(({ isError }) => isError)).toEqual([true, true, true]);
  expect(readdirSync(join(workspace.R, "b"))).toEqual([]);
});

it("C22: neither reads, lists, finds nor copies what is denied", async () => {
  await using workspace = createWorkspace({ deny: [".env*"] });
  workspace.write("R/.env", "HIDDEN");
  workspace.write("R/.env.local", "HIDDEN");
  workspace.write("R/d/a.txt", "open");

  expect((await workspace.call("read_text_file", { path: ".env" })).code).toBe("ACCESS_DENIED");
  expect((await workspace.call("copy_file", { source: ".env", destination: "copy" })).code).toBe("ACCESS_DENIED");
  for (const [tool, input] of [
    ["list_directory", {}],
    ["list_directory_with_sizes", {}],
    ["directory_tree", {}],
    ["search_files", { pattern: "**" }],
    ["search_files_content", { pattern: "HIDDEN", includeHidden: true, respectGitignore: false }],
  ] as const) {
    expect(JSON.stringify((await workspace.call(tool, input)).data)).not.toMatch(/\.env/);
  }
});

it("C24: gives a large file in pages that make the file again", async () => {
  await using workspace = createWorkspace();
  const text = Array.from({ length: 40_000 }, (_, line) => `${line} ${"é".repeat(line % 50)}`).join("\r\n");
  workspace.write("R/a.txt", text);

  let read = "";
  let cursor: string | undefined;
  do {
    const { data } = await workspace.call("read_text_file", { path: "a.txt", ...(cursor && { cursor }) });
    read += data.content;
    cursor = data.nextCursor;
  } while (cursor);

  expect(read === text).toBe(true);
});
