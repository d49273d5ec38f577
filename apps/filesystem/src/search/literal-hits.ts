import { type Hit, hitOf } from "./searched-text.ts";

/**
 * Finds lines that hold some bytes; one hit a line.
 *
 * @param limit Most hits to find.
 */
export function literalHits(bytes: Buffer, needle: Buffer, limit: number): Hit[] {
  const hits: Hit[] = [];
  for (let at = bytes.indexOf(needle); at !== -1 && hits.length < limit; ) {
    const hit = hitOf(bytes, at, at + needle.length);
    if (hits.at(-1)?.start !== hit.start) hits.push(hit);
    at = bytes.indexOf(needle, needle.includes(0x0a) ? at + needle.length : hit.end);
  }
  return hits;
}
