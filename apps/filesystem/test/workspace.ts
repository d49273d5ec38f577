import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FailureError, type ToolContext, type ToolResult } from "@bothways/kit";
import { options } from "../src/options.ts";
import { type FileSystem, type FileSystemSettings, openFileSystem } from "../src/safe-fs/file-system.ts";
import { tools } from "../src/tools/index.ts";

/** A tool's answer as a client sees it. */
export interface Answer {
  readonly isError: boolean;
  /** The first text block. */
  readonly text: string;
  readonly blocks: readonly unknown[];
  // Tests state what they expect of the data; a wrong shape fails there.
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly data: any;
  readonly code: string | undefined;
}

/** An allowed directory `R`, an outside directory `O` with a secret, and a server's resources over them. */
export class Workspace implements AsyncDisposable {
  readonly base: string;
  readonly R: string;
  readonly O: string;
  readonly files: FileSystem;
  readonly warnings: string[] = [];
  readonly connection = {};

  constructor(base: string, settings: Partial<FileSystemSettings>) {
    this.base = base;
    this.R = join(base, "R");
    this.O = join(base, "O");
    const resolved = (settings.directories ?? ["R"]).map((text) => (text.startsWith("/") ? text : join(base, text)));
    const note = (event: string, fields?: object): void =>
      void this.warnings.push(`${event} ${JSON.stringify(fields)}`);
    const log = { ...idleLog, warn: note, error: note };
    const defaults = options.parse({});
    const procFd = process.env["BOTHWAYS_TEST_NO_PROC"] === undefined;
    const ripgrep = process.env["BOTHWAYS_TEST_NO_RIPGREP"] === undefined ? "auto" : "off";
    const stateDirectory = join(base, "state");
    this.files = openFileSystem(
      { ...defaults, readOnly: false, stateDirectory, procFd, ripgrep, ...settings, directories: resolved },
      log,
    );
  }

  /** Creates a file, and its directories, below the base directory. */
  write(path: string, content: string | Buffer): string {
    const absolute = join(this.base, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    return absolute;
  }

  async call(name: string, input: Record<string, unknown> = {}, context: Partial<ToolContext> = {}): Promise<Answer> {
    const tool = tools.find((candidate) => candidate.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    const parsed = tool.inputSchema.strict().safeParse(input);
    if (!parsed.success) return failed("INVALID_INPUT", parsed.error.message);
    try {
      const all = { ...idleContext, connection: this.connection, signal: new AbortController().signal, ...context };
      // Parsed by this tool's own schema just above.
      const result = await tool.run(parsed.data as never, this.files, all);
      return answerOf(result, tool.outputSchema);
    } catch (error) {
      if (error instanceof FailureError) return answerOf(error.failure, undefined);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files[Symbol.asyncDispose]();
    rmSync(this.base, { recursive: true, force: true });
  }
}

const ignore = (): void => {};
const idleLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A context of which the tools of this server only use the signal, the connection and the progress. */
const idleContext: Omit<ToolContext, "signal" | "connection"> = {
  log: idleLog,
  requestId: 1,
  era: "2025",
  transport: "memory",
  clientCapabilities: {},
  notify: { toolsChanged: ignore, promptsChanged: ignore, resourcesChanged: ignore, resourceUpdated: ignore },
  progress: ignore,
  heartbeat: ignore,
  inputResponses: {},
  requestState: () => undefined,
  closeStream: ignore,
  inputRequired: () => Promise.reject(new Error("no tool of this server asks for input")),
};

/** Lays out `R`, `O/s.txt` and `R-evil/s.txt` in a fresh directory and opens `R` unless told otherwise. */
export function createWorkspace(
  settings: Partial<FileSystemSettings> = {},
  layOut: (base: string) => void = () => {},
): Workspace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "bothways-fs-")));
  for (const name of ["R", "O", "R-evil"]) mkdirSync(join(base, name));
  writeFileSync(join(base, "O/s.txt"), "SECRET");
  writeFileSync(join(base, "R-evil/s.txt"), "SECRET");
  layOut(base);
  return new Workspace(base, settings);
}

function answerOf(result: ToolResult, schema: { parse(data: unknown): unknown } | undefined): Answer {
  if (result.kind === "failure") {
    return failed(result.code, [`${result.code}: ${result.sentence}`, result.next].filter(Boolean).join(" "));
  }
  if (result.kind !== "success") throw new Error("no tool of this server asks for input");
  schema?.parse(result.data);
  const blocks = [...(result.text === null ? [] : [{ type: "text", text: result.text }]), ...result.content];
  return { isError: false, text: result.text ?? "", blocks, data: result.data, code: undefined };
}

function failed(code: string, text: string): Answer {
  return { isError: true, text, blocks: [], data: undefined, code };
}
