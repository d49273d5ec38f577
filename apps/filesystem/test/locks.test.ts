import { linkSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Operation } from "../src/safe-fs/file-system.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** Adds one to the number in a file, slowly enough that an unlocked second one would lose it. */
async function increment(workspace: Workspace, path: string): Promise<void> {
  const ctx = { connection: {}, signal: new AbortController().signal };
  await workspace.files.operation(ctx, (operation: Operation) =>
    workspace.files.changes.rewrite(operation, path, undefined, async ({ source }) => {
      const text = (await source.read(0, source.size)).toString();
      await setTimeout(1);
      return [Buffer.from(String(Number(text) + 1))];
    }),
  );
}

it("loses no change of one file under several names and spellings", async () => {
  await using workspace = createWorkspace({ hardlinks: "in-place" });
  const path = workspace.write("R/d/n", "0");
  linkSync(path, join(workspace.R, "hard"));
  symlinkSync("d/n", join(workspace.R, "soft"));
  symlinkSync("d", join(workspace.R, "e"));
  const names = ["d/n", "hard", "soft", "e/n", join(workspace.R, "d/n")];

  await Promise.all(Array.from({ length: 60 }, (_, turn) => increment(workspace, names[turn % names.length] ?? "")));

  expect(readFileSync(path, "utf8")).toBe("60");
});

it("serves in the order of arrival, although every write makes a new file", async () => {
  await using workspace = createWorkspace();
  const calls = Array.from({ length: 8 }, (_, turn) =>
    workspace.call("append_file", { path: "log", content: String(turn) }),
  );

  await Promise.all(calls);

  expect(readFileSync(join(workspace.R, "log"), "utf8")).toBe("01234567");
});

it("moves crosswise without a deadlock", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a", "a");
  workspace.write("R/b", "b");

  const moves = Array.from({ length: 40 }, (_, turn) => {
    const [source, destination] = turn % 2 === 0 ? ["a", "b"] : ["b", "a"];
    return workspace.call("move_file", { source, destination });
  });
  const copies = Array.from({ length: 40 }, (_, turn) => {
    const [source, destination] = turn % 2 === 0 ? ["a", "b"] : ["b", "a"];
    return workspace.call("copy_file", { source, destination, overwrite: true });
  });
  const answers = await Promise.all([...moves, ...copies]);

  expect(answers).toHaveLength(80);
});

it("lets a call that is cancelled stop waiting", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/n", "0");
  const cancelled = new AbortController();
  const slow = increment(workspace, "n");
  const waiting = workspace.call("write_file", { path: "n", content: "x" }, { signal: cancelled.signal });
  cancelled.abort();

  await expect(waiting).rejects.toThrow();
  await slow;
  await increment(workspace, "n");

  expect(readFileSync(join(workspace.R, "n"), "utf8")).toBe("2");
});

it("never shows a reader half a write", async () => {
  await using workspace = createWorkspace({ maxRead: 16 << 20 });
  const contents = ["a", "b"].map((letter) => letter.repeat(2_000_000));
  workspace.write("R/f", contents[0] ?? "");
  const progress = { isOver: false };
  const writer = (async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      await workspace.call("write_file", { path: "f", content: contents[turn % 2] });
    }
    progress.isOver = true;
  })();

  let reads = 0;
  while (!progress.isOver) {
    const { text, isError } = await workspace.call("read_file", { path: "f" });
    expect(isError).toBe(false);
    expect(text === contents[0] || text === contents[1]).toBe(true);
    reads += 1;
  }
  await writer;

  expect(reads).toBeGreaterThan(3);
});
