import { closeSync, constants, fstatSync, ftruncateSync, write as writeCallback } from "node:fs";
import { promisify } from "node:util";
import { etagOf } from "../../text/etag.ts";
import type { Containment, Entry } from "../containment.ts";
import type { Located } from "../located.ts";
import { explained } from "../refusal.ts";
import { flush } from "./write-bytes.ts";

const write = promisify(writeCallback);

/**
 * Adds bytes to the end of a locked file in one `write` on an append descriptor, so that programs that append to the
 * same file do not overwrite each other. What does not fit on the disk is taken back.
 */
export async function appendInPlace(
  containment: Containment,
  { parent, name, asked }: Located,
  entry: Entry,
  bytes: Buffer,
): Promise<{ size: number; etag: string }> {
  try {
    const fd = containment.open(parent, name, entry, constants.O_WRONLY | constants.O_APPEND);
    try {
      await appendAll(fd, bytes);
      await flush(fd);
      const stat = fstatSync(fd, { bigint: true });
      return { size: Number(stat.size), etag: etagOf(stat) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw explained(error, asked);
  }
}

async function appendAll(fd: number, bytes: Buffer): Promise<void> {
  const before = fstatSync(fd).size;
  let done = 0;
  try {
    // One call suffices unless the disk fills up or a signal interrupts a very large one.
    while (done < bytes.length) done += (await write(fd, bytes, done)).bytesWritten;
  } catch (error) {
    // Not when another program appended as well: its bytes stand behind ours.
    if (fstatSync(fd).size === before + done) ftruncateSync(fd, before);
    throw error;
  }
}
