import { fstatSync, read, readSync } from "node:fs";
import { etagOf } from "./etag.ts";

const syncBytes = 256 * 1024;
const asyncBlock = 4 << 20;
const unsizedBytes = 16 << 20;

/** Bytes that can be read from any position: an open regular file, or content already in memory. */
export interface ByteSource {
  /** In bytes, when the source was opened. */
  readonly size: number;
  readonly etag: string;
  /**
   * At most `length` bytes; fewer only at the end.
   *
   * @param into A buffer of at least that length that may hold them; spares a scan the cost of fresh memory.
   */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>;
}

/**
 * Reads through an open descriptor, which stays the caller's to close.
 *
 * A file whose size says 0 but that has content, as in proc, is read into memory, up to 16 MiB.
 *
 * @param fd Of a regular file, open for reading.
 */
export function openSource(fd: number): ByteSource {
  const stats = fstatSync(fd, { bigint: true });
  const etag = etagOf(stats);
  if (stats.size > 0n) return new FileSource(fd, Number(stats.size), etag);
  return memorySource(readUnsized(fd), etag);
}

/** Content that is in memory already. */
export function memorySource(bytes: Buffer, etag: string): ByteSource {
  return {
    size: bytes.length,
    etag,
    read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
  };
}

class FileSource implements ByteSource {
  readonly #fd: number;
  readonly size: number;
  readonly etag: string;

  constructor(fd: number, size: number, etag: string) {
    this.#fd = fd;
    this.size = size;
    this.etag = etag;
  }

  async read(position: number, length: number, into?: Buffer): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    const bytes = into ?? Buffer.allocUnsafe(wanted);
    let done = 0;
    while (done < wanted) {
      // A small read costs less than handing it to the thread pool; a large one would block every other call.
      const count =
        wanted <= syncBytes
          ? readSync(this.#fd, bytes, done, wanted - done, position + done)
          : await readBlock(this.#fd, bytes, done, Math.min(asyncBlock, wanted - done), position + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }
}

function readBlock(fd: number, bytes: Buffer, offset: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, bytes, offset, length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

function readUnsized(fd: number): Buffer {
  const blocks: Buffer[] = [];
  for (let position = 0; position < unsizedBytes; ) {
    const bytes = Buffer.allocUnsafe(position === 0 ? 4096 : syncBytes);
    const count = readSync(fd, bytes, 0, bytes.length, position);
    if (count === 0) break;
    blocks.push(bytes.subarray(0, count));
    position += count;
  }
  return blocks.length === 1 ? (blocks[0] ?? Buffer.alloc(0)) : Buffer.concat(blocks);
}
