import type { ByteSource } from "./byte-source.ts";
import type { Encoding } from "./encoding.ts";
import { countLineEnds, lastLineEnd, nthLineEnd } from "./lines.ts";
import type { Pacer } from "./pacer.ts";

const block = 64 * 1024;

/**
 * Where the last `count` lines begin, found by reading backwards; 0 when the file has no more lines than that.
 *
 * A line end at the very end of the file closes the last line and does not begin another.
 */
export async function tailStart(source: ByteSource, encoding: Encoding, count: number, pacer: Pacer): Promise<number> {
  if (count === 0) return source.size;
  let wanted = count;
  const buffer = Buffer.allocUnsafe(block);
  for (let end = source.size; end > 0; ) {
    const start = Math.floor((end - 1) / block) * block;
    const bytes = await source.read(start, end - start, buffer);
    if (end === source.size && lastLineEnd(bytes, bytes.length, encoding) === bytes.length) wanted += 1;
    const found = countLineEnds(bytes, encoding);
    if (found >= wanted) return start + nthLineEnd(bytes, 0, found - wanted + 1, encoding);
    wanted -= found;
    end = start;
    if (pacer.due) await pacer.pause();
  }
  return 0;
}
