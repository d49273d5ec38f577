import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it("writes the edited file and answers with the diff", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/a.txt", "one\ntwo\nthree\n");

  const answer = await workspace.call("edit_file", { path: "a.txt", edits: [{ oldText: "two", newText: "2" }] });

  expect(readFileSync(path, "utf8")).toBe("one\n2\nthree\n");
  expect(answer.text).toContain(
    `--- ${path}\toriginal\n+++ ${path}\tmodified\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n`,
  );
  expect(answer.data).toMatchObject({
    content: answer.text,
    applied: 1,
    linesAdded: 1,
    linesRemoved: 1,
    encoding: "utf-8",
    eol: "lf",
    matchedBy: ["exact"],
  });
  const info = await workspace.call("get_file_info", { path: "a.txt" });
  expect(answer.data.etag).toBe(info.data.etag);
});

it("answers a dry run alike but leaves the file, and gives its etag", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/a.txt", "one\n");
  const { mtimeNs, ino } = statSync(path, { bigint: true });
  const edits = [{ oldText: "one", newText: "1" }];

  const dry = await workspace.call("edit_file", { path: "a.txt", edits, dryRun: true });
  const info = await workspace.call("get_file_info", { path: "a.txt" });
  const after = statSync(path, { bigint: true });
  const real = await workspace.call("edit_file", { path: "a.txt", edits, ifMatch: dry.data.etag });

  expect(after).toMatchObject({ mtimeNs, ino });
  expect(dry.data.etag).toBe(info.data.etag);
  expect(real.text).toBe(dry.text);
});

it("changes nothing when one of several edits cannot be applied", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/a.txt", "one\n");
  const edits = [
    { oldText: "one", newText: "1" },
    { oldText: "two", newText: "2" },
  ];

  const answer = await workspace.call("edit_file", { path: "a.txt", edits });

  expect(answer.text).toMatch(/^NO_MATCH: oldText of edit 2 is not in the file/);
  expect(readFileSync(path, "utf8")).toBe("one\n");
});

it.each([
  [{ ifMatch: "other" }, "STALE_FILE"],
  [{ ifMatch: `sha256:${"0".repeat(64)}` }, "STALE_FILE"],
  [{ edits: [] }, "INVALID_INPUT"],
  [{ edits: [{ oldText: "", newText: "x" }] }, "INVALID_INPUT"],
  [{ edits: [{ oldText: "one", newText: "one" }] }, "INVALID_INPUT"],
  [{ edits: [{ oldText: "one", newText: "x", extra: 1 }] }, "INVALID_INPUT"],
  [{ edits: Array.from({ length: 1001 }, () => ({ oldText: "one", newText: "x" })) }, "INVALID_INPUT"],
  [{ edits: [{ oldText: "one", newText: "x".repeat((1 << 20) + 1) }] }, "INVALID_INPUT"],
  [{ edits: [{ oldText: "o", newText: "x", expectedCount: 0 }] }, "INVALID_INPUT"],
  [{ edits: [{ oldText: "e", newText: "x" }] }, "AMBIGUOUS_MATCH"],
  [{ path: "b" }, "NOT_REGULAR"],
  [{ path: "none.txt" }, "NOT_FOUND"],
  [{ path: "bin" }, "BINARY_FILE"],
  [{ path: "big" }, "TOO_LARGE"],
  [{ path: "../O/s.txt", edits: [{ oldText: "SECRET", newText: "x" }] }, "ACCESS_DENIED"],
])("refuses %j and leaves the file", async (input, code) => {
  await using workspace = createWorkspace({ maxFile: 1000 });
  const path = workspace.write("R/a.txt", "one\ne\n");
  workspace.write("R/b/c.txt", "");
  workspace.write("R/bin", "a\0b");
  workspace.write("R/big", "x".repeat(1001));

  const answer = await workspace.call("edit_file", {
    path: "a.txt",
    edits: [{ oldText: "one", newText: "x" }],
    ...input,
  });

  expect(answer.code).toBe(code);
  expect(readFileSync(path, "utf8")).toBe("one\ne\n");
  expect(readFileSync(join(workspace.O, "s.txt"), "utf8")).toBe("SECRET");
});

it("loses no edit when many change the same file at once", async () => {
  await using workspace = createWorkspace();
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index};`);
  const path = workspace.write("R/a.txt", `${lines.join("\n")}\n`);

  const answers = await Promise.all(
    lines.map((line) =>
      workspace.call("edit_file", { path: "a.txt", edits: [{ oldText: line, newText: line.toUpperCase() }] }),
    ),
  );

  expect(answers.filter(({ isError }) => isError)).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe(`${lines.join("\n").toUpperCase()}\n`);
});

it("keeps the bytes of an encoding it was told is the legacy one", async () => {
  await using workspace = createWorkspace({ legacyEncoding: "koi8-r" });
  const path = workspace.write("R/a.txt", "");
  writeFileSync(path, Buffer.from([0xf0, 0xd2, 0xc9, 0x0a, 0x78]));

  await workspace.call("edit_file", { path: "a.txt", edits: [{ oldText: "x", newText: "ю" }] });

  expect(readFileSync(path)).toEqual(Buffer.from([0xf0, 0xd2, 0xc9, 0x0a, 0xc0]));
});
