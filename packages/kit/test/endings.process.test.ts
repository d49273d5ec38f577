import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnServer } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import { spawnFixture } from "./fixtures/stdio-process.ts";

const entry = fileURLToPath(new URL("./fixtures/stubborn-entry.ts", import.meta.url));
const args = ["-C", "@bothways/source", entry];
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};

function call(id: number, name: string, input: Readonly<Record<string, unknown>> = {}) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: input } };
}

function spawnStubborn(flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { PATH, HOME } = process.env;
  return spawnServer(process.execPath, { args: [...args, ...flags], env: { PATH, HOME, ...env } });
}

it.each([
  ["hangs", "not done after 500 ms"],
  ["fails", "cannot leave the store"],
])("exits 1 and says why when the disposal of the resources %s", async (how, reason) => {
  await using server = spawnStubborn(["--dispose", how, "--shutdown-timeout", "500ms"]);

  server.send(initialize);
  server.send(call(2, "wait", { ms: 0 }));
  server.child.stdin.end();

  expect(await server.exited).toBe(1);
  expect(server.lines).toHaveLength(2);
  expect(server.errors()).toContain(reason);
});

it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("answers what it has read at %s, then exits 0", async (signal) => {
  await using server = spawnStubborn();
  server.send(initialize);
  server.send(call(2, "wait", { ms: 300 }));
  server.send(call(3, "wait", { ms: 0 }));
  await server.line((line) => line.includes('"id":3'));

  server.child.kill(signal);

  expect(await server.exited).toBe(0);
  expect(server.lines.at(-1)).toContain('"id":2');
});

it("logs an error that nobody caught, answers what is nearly done, and exits 1", async () => {
  await using server = spawnStubborn();
  server.send(initialize);
  server.send(call(2, "wait", { ms: 300 }));
  server.send(call(3, "explode"));

  expect(await server.exited).toBe(1);
  expect(server.lines.at(-1)).toContain('"id":2');
  expect(server.errors()).toMatch(/uncaught error .*nobody catches this/);
});

it("goes on answering when nobody reads its stderr any more", async () => {
  await using server = spawnStubborn();
  await server.stderrHas(" because=");
  server.child.stderr.destroy();

  server.send(initialize);
  server.send(call(2, "quote"));
  server.send(call(3, "wait", { ms: 0 }));
  await server.line((line) => line.includes('"id":3'));
  server.child.stdin.end();

  expect(await server.exited).toBe(0);
  expect(server.lines).toHaveLength(3);
});

it("K6: is gone within five seconds of its parent's death although a call is still running", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-orphan-"));
  const fifo = join(folder.path, "stdin");
  execFileSync("mkfifo", [fifo]);
  // Open for reading and writing, so that the end of this input never comes.
  const stdin = openSync(fifo, "r+");
  const parent = `require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: "inherit" });
    setInterval(() => {}, 1000);`;
  await using server = spawnFixture({ stdin, command: [process.execPath, "-e", parent, process.execPath, ...args] });
  for (const message of [initialize, call(2, "wait", { ms: 60_000 }), call(3, "quote")]) {
    writeSync(stdin, `${JSON.stringify(message)}\n`);
  }
  await server.answer(3);
  const start = performance.now();

  server.child.kill("SIGKILL");
  await server.exit;
  server.stdin.destroy();

  expect(performance.now() - start).toBeLessThan(5000);
});

it.each(["text", "json"])("keeps a secret out of its %s log, also one that the log has to escape", async (format) => {
  const password = 'pa"ss\\word\nof two lines';
  await using server = spawnStubborn(["--log-format", format, "--dispose", "fails"], {
    BOTHWAYS_STUBBORN_PASSWORD: password,
  });

  server.send(initialize);
  server.send(call(2, "quote"));
  server.child.stdin.end();
  await server.exited;

  expect(server.errors()).toContain("the store refused ***");
  expect(server.errors()).toContain("cannot leave the store with ***");
  expect(server.errors()).not.toMatch(/ss.{0,4}word|two lines/);
});

it("keeps a secret, and the length of a reason, out of what it says about resources that do not open", async () => {
  const env = { BOTHWAYS_STUBBORN_PASSWORD: "hunter2-hunter2" };
  await using overStdio = spawnStubborn(["--open", "fails"], env);
  await using overHttp = spawnStubborn(["--open", "fails", "--port", "0"], env);

  overStdio.send(initialize);
  overStdio.send(call(2, "quote"));
  overStdio.child.stdin.end();

  expect(await overStdio.exited).toBe(0);
  expect(overStdio.lines[1]).toContain("UNAVAILABLE: cannot reach the store with ***");
  expect(overStdio.lines[1]?.length).toBeLessThan(4096);
  expect(await overHttp.exited).toBe(1);
  expect(overHttp.errors()).toMatch(/^Error: cannot reach the store with \*\*\*/);
  expect(overHttp.errors().length).toBeLessThan(4096);
});
