import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** What this server needs to know of its process; the only file of this app that names `process`. */

/** The kind of operating system, as Node names it. */
export const platform: NodeJS.Platform = process.platform;

/** This process's id, for the names of temporary files. */
export const processId: number = process.pid;

/** The directory relative command-line directories are resolved against. */
export function workingDirectory(): string {
  return process.cwd();
}

/** Changes the process's working directory: the pinned containment's only means, main thread only. */
export function changeDirectory(path: string): void {
  process.chdir(path);
}

/** The home directory that `~` stands for. */
export function homeDirectory(): string {
  return homedir();
}

/** Permission bits that new files do not get. */
export function fileModeMask(): number {
  return process.umask();
}

/** The numeric id of the user this process acts as; `undefined` on Windows. */
export function userId(): number | undefined {
  return process.geteuid?.();
}

/**
 * The directory for a program's state that outlives it but is no configuration: `$XDG_STATE_HOME`, or what the system
 * uses in its place. `undefined` when the user has no home.
 */
export function stateDirectory(): string | undefined {
  const { XDG_STATE_HOME: configured, LOCALAPPDATA: local } = process.env;
  // The XDG specification: a relative path is invalid and to be ignored.
  if (configured !== undefined && isAbsolute(configured)) return configured;
  if (platform === "win32") return local;
  const home = homedir();
  if (home === "" || home === "/") return undefined;
  return platform === "darwin" ? join(home, "Library", "Application Support") : join(home, ".local", "state");
}

/** When this process started, in a form that `isProcessAlive` compares. */
export function processStart(): string {
  return startOf("self") ?? Math.round(Date.now() / 1000 - process.uptime()).toString(36);
}

/**
 * True when the process that wrote `started` still runs, rather than another one that got its id.
 *
 * @param started As `processStart` gave it in that process.
 */
export function isProcessAlive(id: number, started: string): boolean {
  try {
    process.kill(id, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const actual = startOf(String(id));
  return actual === undefined || actual === started;
}

/** Clock ticks from the system's start to the process's, field 22 of `/proc/<id>/stat`; Linux only. */
function startOf(id: string): string | undefined {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "latin1");
    // The second field is the program's name in parentheses, which may hold anything.
    const ticks = text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? undefined : Number(ticks).toString(36);
  } catch {
    return undefined;
  }
}
