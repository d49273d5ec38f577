import { expect, it } from "vitest";
import { type EngineEnd, EngineProcess } from "../src/engine/engine-process.ts";
import type { EngineSettings, Outcome, Task } from "../src/engine/task.ts";
import { createDatabase, endless, limits, quiet, scratch } from "./engine-fixture.ts";

const settings: EngineSettings = {
  immutable: false,
  maxMemory: 256,
  maxGrowth: 0,
  busyTimeout: 1000,
  importDir: null,
  exportDir: null,
  backupDir: null,
  parentPid: process.pid,
};

/** An engine without a pool that would kill it in time. */
function start(overrides: Partial<EngineSettings> = {}) {
  const ready = Promise.withResolvers<EngineProcess>();
  const ended = Promise.withResolvers<EngineEnd>();
  let outcome = Promise.withResolvers<Outcome>();
  const engine = new EngineProcess({ ...settings, ...overrides }, quiet, {
    onReady: (one) => ready.resolve(one),
    onOutcome: (_, result) => outcome.resolve(result),
    onCommitting: () => undefined,
    onEnd: (_, end) => ended.resolve(end),
  });
  return {
    ready: ready.promise,
    ended: ended.promise,
    run: (next: Task): Promise<Outcome> => {
      outcome = Promise.withResolvers<Outcome>();
      engine.run(next);
      return outcome.promise;
    },
    engine,
    [Symbol.asyncDispose]: async () => {
      engine.kill();
      await engine.gone;
    },
  };
}

function task(path: string, sql: string, remainingMs: number): Task {
  const root = path.slice(0, path.lastIndexOf("/"));
  return {
    job: { kind: "query", sql, limits },
    access: "read",
    file: { name: "x", places: [{ path, root }], create: "never" },
    remainingMs,
    partialPath: null,
  };
}

it("kills an engine 250 ms after the deadline when the main process does not", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), "CREATE TABLE t (a)");
  await using engine = start();
  await engine.ready;
  const begun = performance.now();

  void engine.run(task(file, `${endless} SELECT count(*) FROM c`, 300));

  expect(await engine.ended).toBe("deadline");
  expect(performance.now() - begun).toBeGreaterThan(500);
  expect(performance.now() - begun).toBeLessThan(1500);
});

it("kills an engine over its memory cap, also one that had been asleep", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), "CREATE TABLE t (a)");
  await using engine = start();
  await engine.ready;
  await new Promise((resolve) => setTimeout(resolve, 1300));

  void engine.run(task(file, "SELECT hex(zeroblob(250000000))", 20_000));

  expect(await engine.ended).toBe("memory");
});

it("counts each job's time from its own start", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), "CREATE TABLE t (a)");
  await using engine = start();
  await engine.ready;
  const slow = `${endless} SELECT count(*) FROM (SELECT x FROM c LIMIT 600000)`;

  for (let round = 0; round < 12; round += 1) {
    expect(await engine.run(task(file, slow, 2000))).toMatchObject({ answer: { rows: [[600_000]] } });
  }

  expect(engine.engine.isEnding).toBe(false);
});

it("ends an engine whose main process is another one than it was told", async () => {
  await using engine = start({ parentPid: 1 });

  expect(await engine.ended).toBe("crashed");
});

it("retires an engine that holds much memory after its answer, before the next job suffers from it", async () => {
  await using folder = await scratch();
  const file = createDatabase(
    folder.file("x.db"),
    `PRAGMA page_size=65536; CREATE TABLE t (a); ${endless} INSERT INTO t SELECT zeroblob(60000) FROM c LIMIT 2000;`,
  );
  await using engine = start({ maxMemory: 200 });
  await engine.ready;

  const outcome = await engine.run(task(file, "SELECT sum(length(a)) FROM t", 20_000));

  expect(outcome).toMatchObject({ answer: { rows: [[120_000_000]] } });
  expect(await engine.ended).toBe("retired");
});
