import { read as readCallback, readSync, write as writeCallback, writeSync } from "node:fs";
import { promisify } from "node:util";

const read = promisify(readCallback);
const write = promisify(writeCallback);
const block = 1 << 20;
const syncBytes = 256 * 1024;

/**
 * Copies everything from one descriptor into another, both from position 0; more than 256 KiB off the main thread.
 *
 * @param size What the source's size is said to be; it is copied to its end either way.
 * @returns How many bytes were copied.
 */
export async function copyContent(from: number, to: number, size: number, signal: AbortSignal): Promise<number> {
  const isSmall = size <= syncBytes;
  const bytes = Buffer.allocUnsafe(isSmall ? Math.max(size, 4096) : block);
  for (let position = 0; ; ) {
    const count = isSmall
      ? readSync(from, bytes, 0, bytes.length, position)
      : (await read(from, bytes, 0, bytes.length, position)).bytesRead;
    if (count === 0) return position;
    for (let done = 0; done < count; ) {
      const rest = count - done;
      done += isSmall
        ? writeSync(to, bytes, done, rest, position + done)
        : (await write(to, bytes, done, rest, position + done)).bytesWritten;
    }
    position += count;
    signal.throwIfAborted();
  }
}
