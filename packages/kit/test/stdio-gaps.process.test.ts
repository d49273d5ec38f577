import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fixtureCommand, shakeHands, spawnFixture } from "./fixtures/stdio-process.ts";
import { call, initialize, initialized, type WireMessage } from "./fixtures/stdio-session.ts";

it("K1: exits with 0 within two seconds of the end of input, although a timer is running", async () => {
  await using server = spawnFixture();
  await shakeHands(server);
  const start = performance.now();

  server.stdin.end();

  expect(await server.exit).toBe(0);
  expect(performance.now() - start).toBeLessThan(2000);
});

it("K2: answers ten calls that are followed by the end of input, in every one of forty processes", async () => {
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all([tenCallsThenEnd(), tenCallsThenEnd()]);

    expect(answers).toEqual([11, 11]);
  }
}, 60_000);

it.each([
  ["at once", 9_000_000],
  ["in pieces of 4 KiB", 4096],
])("K3: answers a call of 9 MB that arrives %s", async (_, size) => {
  await using server = spawnFixture();
  await shakeHands(server);
  const bytes = Buffer.from(`${JSON.stringify(call(1, "echo", { text: "x".repeat(9_000_000) }))}\n`);
  const start = performance.now();

  for (let at = 0; at < bytes.length; at += size) server.stdin.write(bytes.subarray(at, at + size));
  const { result } = await server.answer(1);

  expect(JSON.stringify(result)).toHaveLength(9_000_000 + '{"content":[{"type":"text","text":""}]}'.length);
  // 0.4 s on a quiet machine; the plain transport needs 5.6 s.
  expect(performance.now() - start).toBeLessThan(3000);
});

it("K4: answers each malformed line with one error and goes on", async () => {
  await using server = spawnFixture();
  await shakeHands(server);

  server.send("garbage", "[".repeat(200_000), '{"id":3}', "", call(1, "echo", { text: "hi" }));
  server.stdin.end();
  const code = await server.exit;

  const answers: WireMessage[] = server.lines.slice(1).map((line) => JSON.parse(line));
  expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
    [null, -32700],
    [null, -32600],
    [3, -32600],
    [1, undefined],
  ]);
  expect(code).toBe(0);
});

it("K5: lets nothing but messages reach stdout, whatever is printed at import time and in tools", async () => {
  await using server = spawnFixture();
  await shakeHands(server);

  server.send(call(1, "noisy", { lines: 1000 }), call(2, "echo", { text: "hi" }));
  server.stdin.end();
  await server.exit;

  expect(server.lines).toHaveLength(3);
  expect(server.lines.map((line) => JSON.parse(line).jsonrpc)).toEqual(["2.0", "2.0", "2.0"]);
  expect(server.log()).toContain("noise at import time");
  expect(server.log()).toContain("noise 999");
});

it("K6: is gone within five seconds of its parent's death, although its stdin stays open", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-orphan-"));
  const fifo = join(folder.path, "stdin");
  execFileSync("mkfifo", [fifo]);
  // Open for reading and writing, so that the end of this input never comes.
  const stdin = openSync(fifo, "r+");
  const parent = `require("node:child_process").spawn(process.argv[1], [process.argv[2]], { stdio: "inherit" });
    setInterval(() => {}, 1000);`;
  await using server = spawnFixture({ stdin, command: [process.execPath, "-e", parent, ...fixtureCommand] });
  await shakeHands(server);
  const start = performance.now();

  server.child.kill("SIGKILL");
  await server.exit;
  server.stdin.destroy();

  expect(server.log()).toContain("ended parent");
  expect(performance.now() - start).toBeLessThan(5000);
});

it("K7: grows by less than 96 MB while fifty results of 5 MB are not read", async () => {
  await using server = spawnFixture({ isUnread: true });
  const memory = async (): Promise<number> => {
    server.child.kill("SIGUSR2");
    const line = await server.logged("memory");
    return Number(line.split(" ")[1]) / 1e6;
  };
  server.send(initialize, initialized);
  await server.logged("ready");
  const before = await memory();

  server.send(...Array.from({ length: 50 }, (_, id) => call(id, "big", { megabytes: 5 })));
  let peak = 0;
  for (const end = performance.now() + 2000; performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    peak = Math.max(peak, await memory());
  }
  let lines = 0;
  server.stdout.on("data", (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  server.stdin.end();

  expect(await server.exit).toBe(0);
  expect(peak - before).toBeLessThan(96);
  expect(lines).toBe(51);
});

async function tenCallsThenEnd(): Promise<number> {
  await using server = spawnFixture();
  server.send(initialize, initialized, ...Array.from({ length: 10 }, (_, id) => call(id, "echo", { text: "hi" })));
  server.stdin.end();
  await server.exit;
  return server.lines.length;
}
