import { closeSync, constants, ftruncateSync, lstatSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Logger } from "@bothways/kit";
import { processId, processStart, stateDirectory, userId } from "../../environment.ts";
import { type TemporaryOwner, temporaryName } from "../temporary-name.ts";

/** The part of a journal's name that says whose it is: `<pid>-<start>.journal`. */
const fileName = /^(\d{1,10})-([0-9a-z]{1,16})\.journal$/;

/** Above this size a journal without open entries starts anew. */
const compactBytes = 64 * 1024;

/** Where this user's servers keep their journals; the one setting is for tests. */
export function journalDirectory(state: string | undefined = stateDirectory()): string | undefined {
  return state === undefined ? undefined : join(state, "bothways", "filesystem");
}

/** Whose a journal file is, told by its name. */
export function journalOwner(name: string): TemporaryOwner | undefined {
  const [, id, started] = fileName.exec(name) ?? [];
  return id === undefined || started === undefined ? undefined : { processId: Number(id), started };
}

/**
 * Writes down which temporary files this process is about to make, so that the next server can remove what a kill
 * leaves behind. Without a state directory nothing is written down.
 */
export class Journal implements Disposable {
  readonly owner: TemporaryOwner = { processId, started: processStart() };
  readonly #directory: string | undefined;
  readonly #log: Logger;
  #fd: number | undefined;
  #isOpen = false;
  #entries = 0;
  #bytes = 0;

  /** @param directory See `journalDirectory`. */
  constructor(directory: string | undefined, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** A fresh temporary name, written down as existing in the directory at `path` until `done`. */
  begin(path: string): { readonly name: string; done(): void } {
    const name = temporaryName(this.owner);
    const entry = JSON.stringify(join(path, name));
    this.#open();
    this.#entries += 1;
    this.#write(`+${entry}\n`);
    return {
      name,
      done: () => {
        this.#entries -= 1;
        if (this.#entries === 0 && this.#bytes > compactBytes) this.#clear();
        else this.#write(`-${entry}\n`);
      },
    };
  }

  /** Removes the journal when nothing is open in it. */
  [Symbol.dispose](): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined || this.#directory === undefined) return;
    closeSync(fd);
    if (this.#entries === 0) rmSync(this.#path(this.#directory), { force: true });
  }

  #path(directory: string): string {
    return join(directory, `${this.owner.processId}-${this.owner.started}.journal`);
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    try {
      if (this.#directory === undefined) throw new Error("this system names no state directory");
      createPrivateDirectory(this.#directory);
      const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
      this.#fd = openSync(this.#path(this.#directory), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    } catch (error) {
      this.#log.debug("no journal of temporary files", { reason: error instanceof Error ? error.message : "" });
    }
  }

  #write(line: string): void {
    if (this.#fd === undefined) return;
    this.#bytes += Buffer.byteLength(line);
    try {
      writeSync(this.#fd, line);
    } catch {
      // A full disk must not fail a write that may still succeed; what is lost is only the cleaning up after a kill.
      this.#log.debug("the journal of temporary files could not be written");
    }
  }

  #clear(): void {
    if (this.#fd === undefined) return;
    ftruncateSync(this.#fd, 0);
    this.#bytes = 0;
  }
}

/** Paths that a journal's text says still exist; lines that are damaged, as by a kill, are passed over. */
export function openEntries(text: string): string[] {
  const paths = new Set<string>();
  for (const line of text.split("\n")) {
    const path = pathOf(line.slice(1));
    if (path === undefined) continue;
    if (line.startsWith("+")) paths.add(path);
    else paths.delete(path);
  }
  return [...paths];
}

function pathOf(json: string): string | undefined {
  try {
    const path: unknown = JSON.parse(json);
    return typeof path === "string" ? path : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {Error} when others could write into the directory, or it is not this user's. */
function createPrivateDirectory(directory: string): void {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stat = lstatSync(directory);
  const user = userId();
  if (user === undefined) return;
  if (!stat.isDirectory() || stat.uid !== user || (stat.mode & 0o022) !== 0) {
    throw new Error("the state directory is not this user's alone");
  }
}
