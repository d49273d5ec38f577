import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = new URL("../../../", import.meta.url).pathname;

it("passes all its tests without /proc and without ripgrep too", { timeout: 240_000 }, async () => {
  const vitest = new URL("node_modules/vitest/vitest.mjs", `file://${root}`).pathname;
  const env = { ...process.env, BOTHWAYS_TEST_NO_PROC: "1", BOTHWAYS_TEST_NO_RIPGREP: "1", NO_COLOR: "1" };
  const args = [vitest, "run", "--project=unit", "apps/filesystem/test/"];

  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env, maxBuffer: 64 << 20 });

  expect(stdout).toMatch(/\d{3,} passed, 0 failed, 0 skipped/);
});
