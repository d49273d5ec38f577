import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { errorCode, problemOfPath } from "../database-file.ts";
import { JobError } from "../job-error.ts";

/** A file that was made and published under its final name. */
export interface MadeFile {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Where a new file of that name will stand.
 *
 * @throws {JobError} `PATH_DENIED` unless the name is one plain file name that is still free.
 */
export function newFilePath(directory: string | null, fileName: string, flag: string): string {
  if (directory === null) {
    throw new JobError("PATH_DENIED", `the server was started without ${flag}.`, `Ask the operator for ${flag}.`);
  }
  const isPlain = basename(fileName) === fileName && !/^\.|[/\\:]/.test(fileName) && Buffer.byteLength(fileName) <= 200;
  const problem = problemOfPath(fileName) ?? (isPlain ? undefined : "is not one plain file name");
  if (problem !== undefined) {
    throw new JobError("PATH_DENIED", `the file name ${problem}.`, "Give a name such as result.csv, without a folder.");
  }
  const path = join(directory, fileName);
  if (existsSync(path)) throw nameTaken();
  return path;
}

/** Gives a complete file its final name; never replaces another file. */
export function publish(partialPath: string, path: string): void {
  const descriptor = openSync(partialPath, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(partialPath, path);
    rmSync(partialPath);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw nameTaken();
    publishWithoutLinks(partialPath, path);
  }
}

/** Writes text to a new file and hashes it on the way. */
export class HashedWriter implements Disposable {
  readonly #descriptor: number;
  readonly #hash = createHash("sha256");
  #pending: string[] = [];
  #pendingLength = 0;
  #bytes = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, "wx", 0o600);
  }

  write(text: string): void {
    this.#pending.push(text);
    this.#pendingLength += text.length;
    if (this.#pendingLength >= 64 * 1024) this.#flush();
  }

  end(): MadeFile {
    this.#flush();
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const chunk = Buffer.from(this.#pending.join(""));
    [this.#pending, this.#pendingLength] = [[], 0];
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#descriptor, chunk, at);
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }
}

/** Hashes a file that no SQLite connection of this process has open. */
export function hashFile(path: string): MadeFile {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  const descriptor = openSync(path, "r");
  try {
    for (let read = 1; read > 0; ) {
      read = readSync(descriptor, chunk, 0, chunk.length, null);
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return { bytes: statSync(path).size, sha256: hash.digest("hex") };
}

/** File systems without hard links: reserving the name keeps a rename from replacing somebody's file. */
function publishWithoutLinks(partialPath: string, path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    throw errorCode(error) === "EEXIST" ? nameTaken() : error;
  }
  renameSync(partialPath, path);
}

function nameTaken(): JobError {
  return new JobError("PATH_DENIED", "a file of that name exists already.", "Choose another file_name.");
}
