import { homedir } from "node:os";

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
