import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { expect, it } from "vitest";
import {
  createDatabase,
  endless,
  enginesOf,
  inspect,
  isAlive,
  openPool,
  reading,
  scratch,
  until,
  writing,
} from "./engine-fixture.ts";

const items = "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items (name) VALUES ('a');";
const runaway = `${endless} SELECT count(*) FROM c`;

it("kills the engine of a cancelled query within 500 ms and rejects with the signal's reason", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readers: 1 });
  const cancel = new AbortController();
  const call = engines.run<"query">(reading(runaway), { signal: cancel.signal });
  const busy = await workerOn(file);

  cancel.abort(new Error("the caller left"));

  await expect(call).rejects.toThrow("the caller left");
  expect(await until(() => !isAlive(busy), 500)).toBeLessThan(500);
  expect(await engines.rows("SELECT name FROM items")).toEqual([["a"]]);
});

it("drops a cancelled call that is still waiting", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file, { readWrite: true });
  await engines.write("UPDATE items SET name = 'b'");
  const cancel = new AbortController();
  const running = engines.failure(writing(`${endless} INSERT INTO items SELECT x + 1, x FROM c`), { deadlineMs: 600 });
  const waiting = engines.run<"write">(writing("DELETE FROM items"), { signal: cancel.signal });

  cancel.abort(new Error("the caller left"));

  await expect(waiting).rejects.toThrow("the caller left");
  expect(await running).toMatch(/^TIMEOUT/);
  await engines.write("UPDATE items SET name = 'c'");
  expect(inspect(file, "SELECT name FROM items")).toEqual([["c"]]);
});

it("refuses a call whose signal has been aborted already, without starting anything", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items));

  const call = engines.run<"query">(reading("SELECT 1"), { signal: AbortSignal.abort(new Error("gone")) });

  await expect(call).rejects.toThrow("gone");
  expect(enginesOf()).toEqual([]);
});

it("reports an engine that was killed from outside and goes on with another one", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file);
  const call = engines.failure(reading(runaway));

  process.kill(await workerOn(file), "SIGKILL");

  expect(await call).toMatch(/^ENGINE_CRASHED: the engine process died/);
  expect(await engines.rows("SELECT name FROM items")).toEqual([["a"]]);
});

it("starts engines at most once a second after five crashes, and still serves", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  await using engines = await openPool(file);
  const seen: number[] = [];

  for (let round = 0; round < 8; round += 1) {
    const call = engines.failure(reading(runaway));
    const pid = await workerOn(file);
    seen.push(performance.now());
    process.kill(pid, "SIGKILL");
    expect(await call).toMatch(/^ENGINE_CRASHED/);
  }
  const gaps = seen.map((time, index) => time - (seen[index - 1] ?? time));

  expect(Math.max(...gaps.slice(6))).toBeGreaterThan(700);
  expect(await engines.rows("SELECT name FROM items")).toEqual([["a"]]);
});

it("ends every engine and every call when it is disposed, whatever they are doing", async () => {
  await using folder = await scratch();
  const engines = await openPool(createDatabase(folder.file("x.db"), items), { readWrite: true });
  await engines.rows("SELECT 1");
  const calls = [
    engines.failure(reading(runaway)),
    engines.failure(writing(`${endless} INSERT INTO items SELECT x + 1, x FROM c`)),
  ];
  await until(() => enginesOf().length >= 3, 5000);
  const pids = enginesOf();
  const start = performance.now();

  await engines[Symbol.asyncDispose]();

  expect(performance.now() - start).toBeLessThan(1000);
  expect(await Promise.all(calls)).toEqual([
    expect.stringMatching(/^UNAVAILABLE: the server is stopping/),
    expect.stringMatching(/^UNAVAILABLE: the server is stopping/),
  ]);
  await until(() => pids.every((pid) => !isAlive(pid)), 1000);
  expect(await engines.failure(reading("SELECT 1"))).toMatch(/^UNAVAILABLE/);
});

it("leaves no engine alive for more than a second after the main process is killed", async () => {
  await using folder = await scratch();
  const file = createDatabase(folder.file("x.db"), items);
  const parent = await startParent(file);
  const pids = enginesOf(parent.pid);

  parent.kill("SIGKILL");
  await once(parent, "exit");

  expect(pids.length).toBeGreaterThanOrEqual(3);
  expect(await until(() => pids.every((pid) => !isAlive(pid)), 1000)).toBeLessThan(1000);
  expect(inspect(file, "PRAGMA integrity_check")).toEqual([["ok"]]);
  expect(inspect(file, "SELECT count(*) FROM items")).toEqual([[1]]);
});

it("uses no processor time while idle", async () => {
  await using folder = await scratch();
  await using engines = await openPool(createDatabase(folder.file("x.db"), items));
  await engines.rows("SELECT 1");
  await until(() => enginesOf().length === 2, 5000);
  // The watchdog goes to sleep one second after the last job.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const before = enginesOf().map(cpuTicks);

  await new Promise((resolve) => setTimeout(resolve, 1500));

  const after = enginesOf().map(cpuTicks);
  const used = after.map((ticks, index) => ticks - (before[index] ?? 0));
  expect(Math.max(...used)).toBeLessThanOrEqual(1);
});

it("gives engines a reduced environment", async () => {
  await using folder = await scratch();
  process.env["BOTHWAYS_TEST_SECRET"] = "s3cret";
  await using engines = await openPool(createDatabase(folder.file("x.db"), items));

  await engines.rows("SELECT 1");

  const environments = enginesOf().map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"));
  delete process.env["BOTHWAYS_TEST_SECRET"];
  expect(environments.length).toBeGreaterThan(0);
  for (const text of environments) expect(text).not.toMatch(/s3cret|NODE_OPTIONS|SQLITE_USE_URI/);
});

/** The engine that works on a database file, once one does. */
async function workerOn(file: string): Promise<number> {
  let found: number | undefined;
  await until(() => {
    found = enginesOf().find((pid) => hasOpen(pid, file));
    return found !== undefined;
  }, 5000);
  return found ?? 0;
}

function hasOpen(pid: number, file: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file);
  } catch {
    return false;
  }
}

/** Hundredths of a second of processor time. */
function cpuTicks(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** Another main process, with a runaway read and a runaway write under way. */
async function startParent(file: string): Promise<ChildProcess> {
  const parent = fork(new URL("./engine-parent.ts", import.meta.url), [file], {
    execArgv: ["-C", "@bothways/source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await once(parent, "message");
  return parent;
}
