import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { childEnvironment } from "../../environment.ts";
import type { ServerCommand } from "../../load/server-process.ts";
import { appBin, missingBuild, officialFilesystem } from "../../sides/commands.ts";
import { ToolCaller } from "./tool-caller.ts";

/** A server with the tool call to measure. */
export interface ToolSide {
  readonly command: (directory: string) => ServerCommand;
  readonly tool: string;
  /** @param directory The allowed directory. */
  readonly input: (directory: string) => object;
}

/** A program that does the same without a server. */
export interface ProgramSide {
  readonly program: string;
  readonly args: readonly string[];
}

export const official = (directory: string): ServerCommand => officialFilesystem(directory);

export function ours(...options: readonly string[]): (directory: string) => ServerCommand {
  return (directory) => appBin("filesystem", [...options, directory]);
}

export function whyNot(side: ToolSide | ProgramSide): string | undefined {
  return "program" in side ? undefined : missingBuild(side.command("."));
}

/** Servers over one directory, each started with its first call. */
export class Servers implements AsyncDisposable {
  readonly #node: string;
  readonly #directory: string;
  readonly #started = new Map<ToolSide, ToolCaller>();

  constructor(node: string, directory: string) {
    this.#node = node;
    this.#directory = directory;
  }

  async caller(side: ToolSide): Promise<ToolCaller> {
    const known = this.#started.get(side);
    const caller = known ?? (await ToolCaller.open(this.#node, side.command(this.#directory)));
    this.#started.set(side, caller);
    return caller;
  }

  /** Measures one call, or one run of a program in the directory. */
  async measure(side: ToolSide | ProgramSide): Promise<number> {
    if ("program" in side) return runProgram(side, this.#directory);
    return (await (await this.caller(side)).call(side.tool, side.input(this.#directory))).wall;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const caller of this.#started.values()) await caller[Symbol.asyncDispose]();
  }
}

const run = promisify(execFile);

/** From spawn to exit, with all its output read. */
export async function runProgram({ program, args }: ProgramSide, cwd: string): Promise<number> {
  const file = program === "rg" ? await ripgrep() : program;
  const start = performance.now();
  await run(file, args, { cwd, env: childEnvironment(), maxBuffer: 1 << 30 });
  return performance.now() - start;
}

/** The ripgrep that our server uses; rejects where it is not installed. */
async function ripgrep(): Promise<string> {
  const server = createRequire(new URL("../../../../apps/filesystem/package.json", import.meta.url));
  const module: unknown = await import(pathToFileURL(server.resolve("@vscode/ripgrep")).href);
  // The package's only export, by its own types.
  return (module as { readonly rgPath: string }).rgPath;
}
