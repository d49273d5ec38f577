import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** A package of this repository that is published. */
export interface Published {
  readonly name: string;
  /** Folder of the package, absolute. */
  readonly folder: string;
  /** Names of the bins, first the one that `npx` starts. */
  readonly bins: readonly string[];
}

/** A package in an otherwise empty folder, as a user has it. */
export interface Installed {
  readonly folder: string;
  /** Every package that came with it, itself included. */
  readonly packages: readonly InstalledPackage[];
}

/** One package below `node_modules`. */
export interface InstalledPackage {
  readonly name: string;
  readonly licence: string;
  /** Unpacked size in bytes. */
  readonly bytes: number;
  /** Scripts that npm would run while installing. */
  readonly installScripts: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Every package that `changeset publish` would publish, libraries first. */
export function publishedPackages(): Published[] {
  return ["packages", "apps"].flatMap((room) =>
    readdirSync(join(root, room)).flatMap((name) => {
      const folder = join(root, room, name);
      const manifest = readManifest(folder);
      return manifest.private ? [] : [{ name: manifest.name, folder, bins: Object.keys(manifest.bin ?? {}) }];
    }),
  );
}

/**
 * Packs built packages as publishing would: `workspace:`, `catalog:` and `publishConfig` are replaced.
 *
 * @returns The tarball of each package by its name.
 */
export async function packAll(packages: readonly Published[], into: string): Promise<ReadonlyMap<string, string>> {
  const tarballs = new Map<string, string>();
  for (const { name, folder } of packages) {
    const before = new Set(await readdir(into));
    await execute("npx", ["-y", "pnpm@12", "pack", "--pack-destination", into], { cwd: folder });
    const file = (await readdir(into)).find((entry) => !before.has(entry));
    if (file === undefined) throw new Error(`pnpm pack wrote no tarball of ${name}.`);
    tarballs.set(name, join(into, file));
  }
  return tarballs;
}

/** Installs one packed package into an empty folder below `base`; other packages of ours come from tarballs as well. */
export async function installPacked(
  name: string,
  tarballs: ReadonlyMap<string, string>,
  base: string = tmpdir(),
): Promise<Installed> {
  const folder = await mkdtemp(join(base, "installed-"));
  const ours = Object.fromEntries(Array.from(tarballs, ([key, file]) => [key, `file:${file}`]));
  // An override takes effect only where a package is asked for, so nothing is installed that a user would not have.
  const manifest = { private: true, dependencies: { [name]: ours[name] }, overrides: without(ours, name) };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await execute("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], { cwd: folder });
  return { folder, packages: await listPackages(join(folder, "node_modules")) };
}

/** Unpacks a tarball; resolves with the folder that holds its content. */
export async function unpack(tarball: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  await execute("tar", ["-xzf", tarball, "-C", into]);
  return join(into, "package");
}

async function listPackages(modules: string): Promise<InstalledPackage[]> {
  const found: InstalledPackage[] = [];
  for (const entry of await readdir(modules)) {
    if (entry.startsWith(".")) continue;
    const folders = entry.startsWith("@")
      ? (await readdir(join(modules, entry))).map((name) => join(modules, entry, name))
      : [join(modules, entry)];
    for (const folder of folders) {
      const { name, license = "", scripts = {} } = readManifest(folder);
      const nested = join(folder, "node_modules");
      const installScripts = ["preinstall", "install", "postinstall"].filter((script) => script in scripts);
      found.push({ name, licence: license, bytes: await sizeOf(folder, nested), installScripts });
      if ((await readdir(folder)).includes("node_modules")) found.push(...(await listPackages(nested)));
    }
  }
  return found;
}

async function sizeOf(path: string, except: string): Promise<number> {
  if (path === except) return 0;
  const stat = await lstat(path);
  if (!stat.isDirectory()) return stat.size;
  const sizes = await Promise.all((await readdir(path)).map((entry) => sizeOf(join(path, entry), except)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
