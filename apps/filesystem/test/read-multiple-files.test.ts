import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

it("joins texts in the official layout and does not fail for one file", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "A");
  workspace.write("R/b.bin", Buffer.from([0, 1, 2]));
  workspace.write("R/c.txt", "C\nC2");

  const answer = await workspace.call("read_multiple_files", {
    paths: ["a.txt", "none", "b.bin", "../O/s.txt", "c.txt"],
  });

  const parts = answer.text.split("\n---\n");
  expect(parts[0]).toBe("a.txt:\nA\n");
  expect(parts[1]).toMatch(/^none: Error - NOT_FOUND: /);
  expect(parts[2]).toMatch(/^b\.bin: Error - BINARY_FILE: /);
  expect(parts[3]).toMatch(/^\.\.\/O\/s\.txt: Error - ACCESS_DENIED: /);
  expect(parts[4]).toBe("c.txt:\nC\nC2\n");
  expect(answer.data.files.map(({ ok, code }: { ok: boolean; code?: string }) => code ?? ok)).toEqual([
    true,
    "NOT_FOUND",
    "BINARY_FILE",
    "ACCESS_DENIED",
    true,
  ]);
});

it("reads the first or last lines of each", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "1\n2\n3\n");

  expect((await workspace.call("read_multiple_files", { paths: ["a.txt"], head: 1 })).text).toBe("a.txt:\n1\n");
  expect((await workspace.call("read_multiple_files", { paths: ["a.txt"], tail: 1 })).text).toBe("a.txt:\n3\n");
  expect((await workspace.call("read_multiple_files", { paths: ["a.txt"], head: 1, tail: 1 })).code).toBe(
    "INVALID_INPUT",
  );
});

it("stays within the limit of one answer and names what is left", async () => {
  await using workspace = createWorkspace({ maxRead: 4096 });
  for (const name of ["a", "b", "c", "d"]) workspace.write(`R/${name}`, `${name.repeat(99)}\n`.repeat(15));

  const answer = await workspace.call("read_multiple_files", { paths: ["a", "b", "c", "d"] });

  expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(4096);
  expect(answer.data.notRead).toEqual(["d"]);
  expect(answer.data.files[2]).toMatchObject({ path: "c", truncated: true });
  const rest = await workspace.call("read_text_file", { path: "c", cursor: answer.data.files[2].nextCursor });
  expect(answer.text.split("c:\n")[1]?.trimEnd() + "\n" + rest.text).toBe(`${"c".repeat(99)}\n`.repeat(15));
});

it.each([[[]], [Array(101).fill("a")]])("takes 1 to 100 paths", async (paths) => {
  await using workspace = createWorkspace();

  expect((await workspace.call("read_multiple_files", { paths })).code).toBe("INVALID_INPUT");
});
