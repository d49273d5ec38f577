import { chmodSync, linkSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { asOrdinaryUser } from "./ordinary-user.ts";
import { createWorkspace } from "./workspace.ts";

it("writes a file in place when its directory takes no other, and says so", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/d/a.txt", "a longer text");
  chmodSync(join(workspace.R, "d"), 0o555);

  const answers = await asOrdinaryUser(workspace, async () => [
    await workspace.call("write_file", { path: "d/a.txt", content: "short" }),
    await workspace.call("append_file", { path: "d/a.txt", content: "!" }),
    await workspace.call("write_file", { path: "d/new.txt", content: "" }),
  ]);

  expect(answers[0]?.data).toMatchObject({ atomic: false, created: false });
  expect(answers[2]?.text).toMatch(/^ACCESS_DENIED: Access denied - the operating system/);
  expect(readFileSync(join(workspace.R, "d/a.txt"), "utf8")).toBe("short!");
  expect(readdirSync(join(workspace.R, "d"))).toEqual(["a.txt"]);
});

it("does not write in place what has another name", async () => {
  await using workspace = createWorkspace();
  linkSync(workspace.write("R/a.txt", "shared"), join(workspace.base, "elsewhere"));
  workspace.write("R/d/x", "");
  linkSync(join(workspace.base, "elsewhere"), join(workspace.R, "d/b.txt"));
  chmodSync(join(workspace.R, "d"), 0o555);

  const answer = await asOrdinaryUser(workspace, () => workspace.call("write_file", { path: "d/b.txt", content: "x" }));

  expect(answer.code).toBe("ACCESS_DENIED");
  expect(readFileSync(join(workspace.base, "elsewhere"), "utf8")).toBe("shared");
});

it.each([
  ["read_text_file", { path: "secret.txt" }],
  ["write_file", { path: "locked/x", content: "" }],
  ["delete_file", { path: "locked/a" }],
  ["move_file", { source: "locked/a", destination: "b" }],
  ["list_directory", { path: "closed" }],
  ["read_text_file", { path: "closed/a" }],
])("says that the system does not permit %s %j", async (tool, input) => {
  await using workspace = createWorkspace();
  chmodSync(workspace.write("R/secret.txt", ""), 0);
  workspace.write("R/locked/a", "");
  workspace.write("R/closed/a", "");
  chmodSync(join(workspace.R, "locked"), 0o555);
  chmodSync(join(workspace.R, "closed"), 0);

  const answer = await asOrdinaryUser(workspace, () => workspace.call(tool, input));
  chmodSync(join(workspace.R, "closed"), 0o755);
  chmodSync(join(workspace.R, "locked"), 0o755);

  expect(answer.text).toMatch(/^ACCESS_DENIED: Access denied - the operating system does not permit this/);
  expect(answer.text).not.toContain(workspace.base);
});

it("describes what may not be read", async () => {
  await using workspace = createWorkspace();
  chmodSync(workspace.write("R/secret.txt", "12345"), 0);

  const { data } = await asOrdinaryUser(workspace, () => workspace.call("get_file_info", { path: "secret.txt" }));

  expect(data).toMatchObject({ size: 5, permissions: "000" });
  expect(data).not.toHaveProperty("mimeType");
});

it("skips what it may not read in a copy, and deletes nothing behind a directory it may not read", async () => {
  await using workspace = createWorkspace();
  chmodSync(workspace.write("R/d/secret.txt", ""), 0);
  workspace.write("R/d/open.txt", "open");
  workspace.write("R/d/closed/x", "");
  chmodSync(join(workspace.R, "d/closed"), 0);

  const [copied, deleted] = await asOrdinaryUser(workspace, async () => [
    await workspace.call("copy_file", { source: "d", destination: "c", recursive: true }),
    await workspace.call("delete_file", { path: "d", recursive: true }),
  ]);
  chmodSync(join(workspace.R, "d/closed"), 0o755);

  expect(copied?.data.files).toBe(1);
  expect(
    copied?.data.skipped.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`).toSorted(),
  ).toEqual(["closed ACCESS_DENIED", "secret.txt ACCESS_DENIED"]);
  expect(deleted?.code).toBe("ACCESS_DENIED");
  expect(readdirSync(join(workspace.R, "d")).toSorted()).toEqual(["closed", "open.txt", "secret.txt"]);
});
