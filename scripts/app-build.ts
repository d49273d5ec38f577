import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { UserConfig } from "tsdown";

/** What differs between the apps' builds. */
export interface AppBuild {
  /** Main modules of child processes and workers, which are started by file name. */
  readonly children?: readonly string[];
  /** Packages with native code or programs, which stay installed packages. */
  readonly external?: readonly string[];
}

const common: UserConfig = { platform: "node", target: "node22.13", failOnWarn: true };

/** The build of an app: a typed module for programs, and the bin bundled into few files for hosts. */
export function appBuild({ children = [], external = [] }: AppBuild = {}): UserConfig[] {
  return [
    { ...common, entry: ["src/index.ts"], dts: { generator: "oxc" }, publint: true, attw: { profile: "esm-only" } },
    {
      ...common,
      // Loading modules is most of a cold start, so what a host starts is bundled.
      // Side by side in `dist`: code that starts a child looks beside itself, and bundling moved it there.
      entry: Object.fromEntries(["src/cli.ts", ...children].map((path) => [basename(path, ".ts"), path])),
      dts: false,
      clean: false,
      minify: true,
      deps: { alwaysBundle: [/./], neverBundle: [...external], onlyBundle: false },
      plugins: [thirdPartyNotices()],
    },
  ];
}

type Plugin = Exclude<NonNullable<UserConfig["plugins"]>, unknown[] | Promise<unknown>> & object;

/** Bundled code keeps its licences: one file with the text of each package that went in. */
function thirdPartyNotices(): Plugin {
  return {
    name: "third-party-notices",
    generateBundle() {
      const folders = new Set(Array.from(this.getModuleIds(), packageFolder).filter((folder) => folder !== undefined));
      const texts = Array.from(folders, notice).toSorted((a, b) => a.localeCompare(b, "en"));
      this.emitFile({
        type: "asset",
        fileName: "THIRD-PARTY-NOTICES.txt",
        source: texts.join(`\n${"-".repeat(80)}\n`),
      });
    },
  };
}

function packageFolder(id: string): string | undefined {
  if (!id.includes("/node_modules/")) return undefined;
  let folder = dirname(id);
  while (!existsSync(join(folder, "package.json")) || !hasName(folder)) folder = dirname(folder);
  return folder;
}

function hasName(folder: string): boolean {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name !== undefined;
}

function notice(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const licence = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text = licence === undefined ? "" : readFileSync(join(folder, licence), "utf8");
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text.trim()}\n`;
}
