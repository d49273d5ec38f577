import { closeSync, constants, fsync as fsyncCallback, openSync, write as writeCallback, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { Containment, HeldDirectory } from "../containment.ts";

const writeAsync = promisify(writeCallback);

/** Flushes a file, or a directory's names, to the disk; off the main thread, because it waits for the disk. */
export const flush: (fd: number) => Promise<void> = promisify(fsyncCallback);

const syncBytes = 256 * 1024;
const block = 4 << 20;

/** Writes all bytes; a large amount in blocks off the main thread. */
export async function writeAll(fd: number, bytes: Buffer, position = 0): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(bytes.length - done, block);
    if (bytes.length <= syncBytes) done += writeSync(fd, bytes, done, length, position + done);
    else done += (await writeAsync(fd, bytes, done, length, position + done)).bytesWritten;
  }
}

/** Makes the names in a directory durable, where the system lets a directory be flushed. */
export async function flushDirectory(containment: Containment, directory: HeldDirectory): Promise<void> {
  let fd: number;
  try {
    fd = containment.here(directory, (path) => openSync(path, constants.O_RDONLY));
  } catch {
    // A directory that may be written but not read, or Windows: the names become durable when the system wants.
    return;
  }
  try {
    await flush(fd).catch(ignoreUnsupported);
  } finally {
    closeSync(fd);
  }
}

function ignoreUnsupported(error: NodeJS.ErrnoException): void {
  if (error.code !== "EINVAL" && error.code !== "EPERM" && error.code !== "ENOTSUP") throw error;
}
