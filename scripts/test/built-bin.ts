import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** One line with which a client of 2025 begins. */
export const initialize: object = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

/** A Node on this machine that is too old for us, if there is one. */
export function olderNode(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin", "/opt/node/bin"];
  return folders.map((folder) => join(folder, "node")).find((node) => existsSync(node) && isTooOld(node));
}

function isTooOld(node: string): boolean {
  const version = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 0 && (major < 22 || (major === 22 && minor < 13));
}

/** Node flags under which a process lists, as its last line on stderr, every module it loaded. */
export const recording: readonly string[] = [
  "--import",
  `data:text/javascript,${encodeURIComponent(`
    import { writeSync } from "node:fs";
    import { registerHooks } from "node:module";
    const urls = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context);
        urls.add(found.url);
        return found;
      },
    });
    process.on("exit", () => writeSync(2, "\\nloaded " + [...urls].join(" ") + "\\n"));
  `)}`,
];

/** The URLs that a recording process listed. */
export function recorded(stderr: string): string[] {
  return (/^loaded (.*)$/m.exec(stderr)?.[1] ?? "").split(" ");
}

/** Names of the installed packages among module URLs. */
export function packagesOf(urls: readonly string[]): string[] {
  const names = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
  return [...new Set(names)].toSorted();
}
