import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Containment, HeldDirectory } from "../safe-fs/containment.ts";
import { type IndexedFile, RipgrepOutput } from "./ripgrep-output.ts";

/** Where ripgrep looks: below a held directory, or into an open file. */
export type RipgrepTarget =
  | { readonly kind: "directory"; readonly containment: Containment; readonly directory: HeldDirectory }
  | { readonly kind: "file"; readonly fd: number };

/** What ripgrep left out. */
export interface RipgrepReport {
  /** Files above the size limit, relative to where it runs. */
  readonly tooLarge: string[];
  unreadable: number;
  /** Whether it did not search at all. */
  failed: boolean;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

const always = [
  "--no-config",
  "--json",
  "--no-follow",
  "--no-require-git",
  "--no-ignore-parent",
  "--no-ignore-global",
  // NUL bytes, and whose lines they are, are judged by whoever reads the file.
  "--text",
  "--crlf",
  // Tells which files were too large, which nothing else does.
  "--debug",
];

/**
 * Runs ripgrep and yields the files it finds, as it finds them. However the loop over it ends, the process has ended
 * before the loop is left.
 *
 * @param program Its path.
 * @param stop Kills it.
 */
export async function* runRipgrep(
  program: string,
  args: readonly string[],
  target: RipgrepTarget,
  report: RipgrepReport,
  stop: AbortSignal,
): AsyncGenerator<IndexedFile> {
  if (stop.aborted) return;
  const child = start(program, [...always, ...args], target);
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => {
      report.failed = true;
      resolve();
    });
  });
  const kill = (): void => void child.kill("SIGKILL");
  stop.addEventListener("abort", kill, { once: true });
  const diagnostics = readDiagnostics(child.stderr, report);
  try {
    const output = new RipgrepOutput();
    for await (const piece of child.stdout) yield* output.read(piece);
    await ended;
    // 2 with nothing on the way says that it could not even begin; unreadable files give 2 as well.
    report.failed ||= child.exitCode === 2 && report.unreadable === 0;
  } finally {
    stop.removeEventListener("abort", kill);
    kill();
    await Promise.all([ended, diagnostics]);
  }
}

function start(program: string, args: readonly string[], target: RipgrepTarget): Child {
  // No variable of ours, RIPGREP_CONFIG_PATH least of all, has a say in what is searched.
  const env = {};
  if (target.kind === "file") {
    const stdio: [number, "pipe", "pipe"] = [target.fd, "pipe", "pipe"];
    // Standard input is a descriptor here, so the child has no stream for it.
    return spawn(program, [...args, "-"], { env, stdio }) as unknown as Child;
  }
  return target.containment.here(target.directory, (cwd) =>
    spawn(program, [...args, "--", "."], { cwd, env, stdio: ["ignore", "pipe", "pipe"] }),
  );
}

async function readDiagnostics(stderr: Readable, report: RipgrepReport): Promise<void> {
  let rest = "";
  for await (const piece of stderr) {
    const lines = (rest + String(piece)).split("\n");
    rest = (lines.pop() ?? "").slice(0, 8192);
    for (const line of lines) readDiagnostic(line, report);
  }
}

function readDiagnostic(line: string, report: RipgrepReport): void {
  if (line.startsWith("rg: DEBUG|")) {
    const [, path] = /: ignoring (?:\.\/)?(.*): \d+ bytes$/.exec(line) ?? [];
    if (path !== undefined) report.tooLarge.push(path);
  } else if (/^rg: .*\(os error \d+\)$/.test(line)) report.unreadable += 1;
}
