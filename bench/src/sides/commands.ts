import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ServerCommand } from "../load/server-process.ts";

const repository = new URL("../../../", import.meta.url);

/** The kit's test server with so many tools, built as its users get it. */
export function kitCommand(tools: number, args: readonly string[]): ServerCommand {
  return { file: "kit-entry.mjs", args, env: { BENCH_TOOLS: String(tools) } };
}

/** A kit server over HTTP on a free port. */
export function kitHttp(tools: number, ...args: readonly string[]): ServerCommand {
  return kitCommand(tools, ["--transport", "http", "--port", "0", ...args]);
}

/** One of the peers with so many tools. */
export function peer(file: string, tools: number, answers?: "json" | "sse"): ServerCommand {
  return { file, env: { BENCH_TOOLS: String(tools), ...(answers === undefined ? {} : { BENCH_ANSWERS: answers }) } };
}

/** The filesystem server most people have today. */
export function officialFilesystem(directory: string): ServerCommand {
  const file = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-filesystem/dist/index.js"));
  return { file, args: [directory] };
}

/** The bin that an app publishes. */
export function appBin(app: string, args: readonly string[]): ServerCommand {
  return { file: fileURLToPath(new URL(`apps/${app}/dist/cli.mjs`, repository)), args };
}

/** Why a command cannot run: something it needs is not built. */
export function missingBuild({ file }: ServerCommand): string | undefined {
  const needed = file === "kit-entry.mjs" ? fileURLToPath(new URL("packages/kit/dist/index.mjs", repository)) : file;
  const isOurs = needed !== file || file.includes("/dist/cli.mjs");
  return isOurs && !existsSync(needed) ? "not built; run `npx -y pnpm@12 build` first" : undefined;
}
