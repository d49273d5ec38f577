import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempDisposableSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const preflight = new URL("../src/preflight.ts", import.meta.url).href;
const guard = new URL("../src/stdio/guard-stdout.ts", import.meta.url).href;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module that imports the preflight first, as every bin does. */
function runAfterPreflight(
  source: string,
  environment: NodeJS.ProcessEnv = {},
  flags: string[] = [],
  cwd?: string,
): Outcome {
  const code = `await import(${JSON.stringify(preflight)});\n${source}`;
  const child = spawnSync(process.execPath, [...flags, "--input-type=module", "-e", code], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NODE_COMPILE_CACHE: "", ...environment },
  });
  return { code: child.status, stdout: child.stdout, stderr: child.stderr };
}

const pretend = (version: string): string[] => [
  "--import",
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`,
];

it.each(["20.20.2", "18.0.0", "22.12.9", "21.7.3"])("ends with one sentence and exit code 2 on Node %s", (version) => {
  const { code, stdout, stderr } = runAfterPreflight("console.log('started')", {}, pretend(version));

  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^Bothways needs Node 22\.13 or newer; [^\n]+\n$/);
});

it.each(["22.13.0", "22.20.1", "24.0.0", "26.1.0"])("starts on Node %s", (version) => {
  const { code, stderr } = runAfterPreflight("console.log('started')", {}, pretend(version));

  expect(code).toBe(0);
  expect(stderr).toBe("started\n");
});

it("sends every way of printing to stderr and keeps stdout for realStdout", () => {
  const { code, stdout, stderr } = runAfterPreflight(`
    const { default: processModule, stdout } = await import("node:process");
    const { Worker } = await import("node:worker_threads");
    const { realStdout } = await import(${JSON.stringify(guard)});
    console.log("a"); console.info("b"); console.debug("c"); console.dir("d"); console.table([1]); console.group("e");
    process.stdout.write("without line end");
    stdout.write("named import"); processModule.stdout.write("default import");
    await new Promise((resolve) => new Worker("console.log('worker')", { eval: true }).on("exit", resolve));
    realStdout.write("for the host\\n");
  `);

  expect(code).toBe(0);
  expect(stdout).toBe("for the host\n");
  for (const text of ["a", "without line end", "named import", "default import", "worker"])
    expect(stderr).toContain(text);
});

it("reaches stdout through realStdout without the preflight as well", () => {
  const source = `const { realStdout } = await import(${JSON.stringify(guard)}); realStdout.write("plain");`;

  const child = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });

  expect(child.stdout).toBe("plain");
});

it("keeps compiled code where only this user can write", () => {
  using home = mkdtempDisposableSync(join(tmpdir(), "bothways-cache-"));

  const { code, stdout, stderr } = runAfterPreflight("", { XDG_CACHE_HOME: home.path, HOME: home.path });

  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  const [own = ""] = readdirSync(home.path).filter((name) => name === "bothways");
  expect(own).toBe("bothways");
  expect(statSync(join(home.path, own, "compiled")).mode & 0o077).toBe(0);
});

it.each([
  ["absent", "/nonexistent/home"],
  ["no directory", "/dev/null"],
  ["where the system denies that parents exist", "/proc/none"],
])("starts in silence when the home is %s", (_, home) => {
  const { code, stdout, stderr } = runAfterPreflight("", { HOME: home, XDG_CACHE_HOME: home });

  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
});

it("writes nothing to its working directory when HOME is empty", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-cache-"));

  const { code, stdout, stderr } = runAfterPreflight("", { HOME: "", XDG_CACHE_HOME: "" }, [], folder.path);

  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(readdirSync(folder.path)).toEqual([]);
});

it("starts in silence when the cache directory is read-only", () => {
  using home = mkdtempDisposableSync(join(tmpdir(), "bothways-cache-"));
  chmodSync(home.path, 0o500);

  const { code, stdout, stderr } = runAfterPreflight("", { XDG_CACHE_HOME: home.path, HOME: home.path });

  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
});
