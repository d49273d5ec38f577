import { mkdtempDisposableSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnServer } from "@bothways/kit/testing";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../start.ts", import.meta.url));
const names = ["filesystem", "sqlite"];

/** Runs the main job with a temporary folder of its own, so that what it leaves behind can be seen. */
function startAll(...args: string[]) {
  const folder = mkdtempDisposableSync(join(tmpdir(), "bothways-start-test-"));
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: folder.path };
  const job = spawnServer(process.execPath, { args: ["-C", "@bothways/source", script, ...args], env });
  return Object.assign(job, { leftBehind: () => readdirSync(folder.path), folder });
}

it("calls one tool of each server, exits 0 and leaves nothing behind", async () => {
  await using job = startAll("--once", "--ports", "47001");

  expect(await job.exited).toBe(0);
  for (const name of names) expect(job.lines.join("\n")).toMatch(new RegExp(`^${name}: \\w+ answered$`, "m"));
  expect(job.leftBehind()).toEqual([]);
  job.folder.remove();
});

it("shows what runs where on one screen, with configurations that can be pasted", async () => {
  await using job = startAll("--once", "--ports", "47011");
  await job.exited;

  const screen = job.lines.slice(
    0,
    job.lines.findIndex((line) => line.endsWith(" answered")),
  );
  const pasted = screen.filter((line) => line.startsWith("  {")).map((line) => JSON.parse(line));

  expect(screen.length).toBeLessThanOrEqual(40);
  expect(Object.keys(pasted[0].mcpServers)).toEqual(names);
  for (const name of names) {
    expect(pasted[0].mcpServers[name]).toMatchObject({ type: "http", url: expect.stringContaining("/mcp") });
  }
  expect(pasted.slice(1).map(({ mcpServers }) => Object.values(mcpServers)[0])).toEqual(
    names.map((name) => ({ command: "npx", args: ["-y", `@bothways/server-${name}`, expect.any(String)] })),
  );
  job.folder.remove();
});

it("moves a server whose port is taken and says so", async () => {
  const taken = createServer().listen(47_021, "127.0.0.1");
  await using job = startAll("--once", "--ports", "47021");

  expect(await job.exited).toBe(0);
  expect(job.lines.find((line) => line.startsWith("  filesystem"))).toContain("its own port is taken");
  taken.close();
  job.folder.remove();
});

it("serves until it is told to stop, then ends its servers and removes its data", async () => {
  await using job = startAll("--ports", "47031");
  await job.line((line) => line === "Serving until Ctrl-C.");
  const health = await fetch("http://127.0.0.1:47031/healthz");

  job.child.kill("SIGINT");

  expect(health.status).toBe(200);
  expect(await job.exited).toBe(0);
  await expect(fetch("http://127.0.0.1:47031/healthz")).rejects.toThrow("fetch failed");
  expect(job.leftBehind()).toEqual([]);
  job.folder.remove();
});
