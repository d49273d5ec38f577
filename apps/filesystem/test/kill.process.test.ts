import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

const rounds = Number(process.env["BOTHWAYS_KILL_ROUNDS"] ?? 200);
const lanes = 4;

it(`loses, tears and leaves nothing in ${rounds} kills during writes`, {
  timeout: 60_000 + rounds * 1000,
}, async () => {
  let interrupted = 0;
  const lane = async (): Promise<void> => {
    await using workspace = createWorkspace();
    let acknowledged = -1;
    for (let round = 0; round < rounds / lanes; round += 1) {
      const { last, leftFromBefore } = await killDuringWrites(workspace, acknowledged + 1);
      expect(leftFromBefore).toEqual([]);
      const found = versionIn(workspace);
      expect(found).toBeGreaterThanOrEqual(last);
      acknowledged = found;
      if (temporaries(workspace).length > 0) interrupted += 1;
    }
  };

  await Promise.all(Array.from({ length: lanes }, lane));

  // Otherwise the kills came when nothing was being written, and the test has shown nothing.
  expect(interrupted).toBeGreaterThan(rounds / 20);
});

/** Starts a writer, kills it in the midst of its work, and returns the last version it said was written. */
async function killDuringWrites(
  workspace: Workspace,
  from: number,
): Promise<{ last: number; leftFromBefore: string[] }> {
  const script = new URL("fixtures/write-forever.ts", import.meta.url).pathname;
  const args = ["-C", "@bothways/source", script, workspace.R, join(workspace.base, "state"), String(from)];
  // Compiled once instead of at each of the many starts.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(workspace.base, "compiled") };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  let last = from - 1;
  lines.on("line", (line) => {
    last = Number(line);
  });
  await once(lines, "line");
  const leftFromBefore = temporaries(workspace).filter((name) => !name.includes(`-${child.pid}-`));
  await setTimeout(Math.random() * 30);
  child.kill("SIGKILL");
  await exited;
  return { last, leftFromBefore };
}

function temporaries(workspace: Workspace): string[] {
  return readdirSync(workspace.R).filter((name) => name.startsWith(".bothways-"));
}

/** The version a file holds, all of it. */
function versionIn(workspace: Workspace): number {
  const path = join(workspace.R, "file.txt");
  if (!existsSync(path)) return -1;
  const text = readFileSync(path, "utf8");
  const version = Number(text.slice(0, text.indexOf("\n")));
  expect(text === `${version}\n`.repeat(20_000 + (version % 7) * 10_000)).toBe(true);
  return version;
}
