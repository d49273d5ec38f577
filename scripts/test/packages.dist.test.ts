import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expectCleanStdout, spawnServer } from "@bothways/kit/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Installed, installPacked, packAll, publishedPackages, unpack } from "../pack.ts";
import { budgets, unpackedBytes } from "../weight/budgets.ts";
import { repository } from "./house-copy.ts";

const packages = publishedPackages();
const names = packages.map(({ name }) => name);
const folder = mkdtempSync(join(tmpdir(), "bothways-packages-"));
const tarballs = new Map<string, string>();
const unpacked = new Map<string, string>();
const installed = new Map<string, Installed>();

beforeAll(async () => {
  for (const [name, file] of await packAll(packages, folder)) {
    tarballs.set(name, file);
    unpacked.set(name, await unpack(file, join(folder, `unpacked-${tarballs.size}`)));
  }
  for (const name of names) installed.set(name, await installPacked(name, tarballs, folder));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("publishes these packages", () => {
  expect(names).toEqual(["@bothways/kit", "@bothways/server-filesystem", "@bothways/server-sqlite"]);
});

it.each(names)("packs of %s what was built, its manifest, its README and the licence, nothing else", (name) => {
  const files = readdirSync(unpacked.get(name) ?? "", { recursive: true, encoding: "utf8" });
  const outside = files.filter((file) => !/^dist(\/|$)/.test(file));

  expect(outside.toSorted()).toEqual(["LICENSE", "README.md", "package.json"]);
  expect(files.filter((file) => /\.test\.|tsbuildinfo|(^|\/)\.(?!\.)/.test(file))).toEqual([]);
});

it.each(names)("leaves no trace of the workspace in the manifest of %s", (name) => {
  const text = readFileSync(join(unpacked.get(name) ?? "", "package.json"), "utf8");

  // Scripts and side effects speak of sources that a user does not have, and that nothing there asks for.
  const { scripts: _scripts, sideEffects: _sideEffects, ...manifest } = JSON.parse(text);
  expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:|@bothways\/source|\/src\//);
  expect(manifest).toMatchObject({ name, license: "MIT", engines: { node: ">=22.13" }, type: "module" });
});

it.each(names)("writes no path of the building machine into %s", (name) => {
  const base = unpacked.get(name) ?? "";
  const files = readdirSync(join(base, "dist"), { recursive: true, encoding: "utf8" });
  const guilty = files.filter((file) => /\.(mjs|map|mts)$/.test(file) && holdsPath(join(base, "dist", file)));

  expect(guilty).toEqual([]);
});

it.each(names)("installs %s into an empty folder without running anything", (name) => {
  const { packages: all = [] } = installed.get(name) ?? {};

  expect(all.map((one) => one.name)).toContain(name);
  expect(all.filter(({ installScripts }) => installScripts.length > 0)).toEqual([]);
});

it.each(names)("installs with %s only packages of a licence that asks for nothing but its text", (name) => {
  const accepted = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "BlueOak-1.0.0"];
  const { packages: all = [] } = installed.get(name) ?? {};

  expect(all.filter(({ licence }) => !accepted.includes(licence))).toEqual([]);
});

it.each(names)("keeps %s within its budget of packages and bytes", (name) => {
  const { packages: all = [] } = installed.get(name) ?? {};
  const budget = budgets[name];

  expect(all.length).toBeLessThanOrEqual(budget?.packages ?? 0);
  expect(unpackedBytes(all)).toBeLessThanOrEqual(budget?.bytes ?? 0);
});

const bins = packages.flatMap(({ name, bins: [bin] }) => (bin === undefined ? [] : [[name, bin] as const]));

it.each(bins)("starts from an installed %s its bin %s, which answers and ends with its input", async (name, bin) => {
  const cwd = installed.get(name)?.folder ?? "";
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  await using server = spawnServer(join(cwd, "node_modules/.bin", bin), {
    args: budgets[name]?.bin?.args(cwd) ?? [],
    cwd,
    env: { ...process.env, PATH },
  });
  const clientInfo = { name: "test", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };

  server.send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  server.child.stdin.end();

  expect(await server.exited).toBe(0);
  expectCleanStdout(server.lines);
  const answers: unknown[] = server.lines.map((line) => JSON.parse(line));
  expect(answers).toMatchObject([{ id: 1, result: { serverInfo: { name: bin } } }]);
});

function holdsPath(file: string): boolean {
  return readFileSync(file, "utf8").includes(repository);
}
