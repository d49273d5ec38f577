import { createHash } from "node:crypto";
import type { FailureError } from "@bothways/kit";
import { quoted, refusal } from "../safe-fs/refusal.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Pacer } from "./pacer.ts";

/** What of a file's `stat` an etag is made of; times in nanoseconds. */
export interface FileIdentity {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** A short text that is another one after every change of the file that its volume's clock can tell apart. */
export function etagOf({ ino, size, mtimeNs, ctimeNs }: FileIdentity): string {
  // The two times are usually the same or close; their difference is shorter than either.
  return [ino, size, mtimeNs, ctimeNs - mtimeNs].map((part) => part.toString(36)).join(".");
}

const strong = /^sha256:(.*)$/s;
const block = 1 << 20;

/**
 * Refuses to go on when the file is no longer the one the caller has seen.
 *
 * @param ifMatch An etag, or `sha256:` and the file's hash in hexadecimal digits.
 * @param path As the caller gave it.
 * @throws {FailureError} `STALE_FILE`; `INVALID_INPUT` for a malformed hash.
 */
export async function assertMatches(source: ByteSource, ifMatch: string, path: string, pacer: Pacer): Promise<void> {
  const wanted = strong.exec(ifMatch)?.[1]?.toLowerCase();
  if (wanted === undefined) {
    if (ifMatch !== source.etag) throw staleFile(path);
    return;
  }
  if (!/^[0-9a-f]{64}$/.test(wanted)) {
    throw refusal("INVALID_INPUT", "ifMatch is not a SHA-256 hash.", "Give sha256: and 64 hexadecimal digits.");
  }
  if ((await hashOf(source, "sha256", pacer)) !== wanted) throw staleFile(path);
}

export function staleFile(path: string): FailureError {
  return refusal(
    "STALE_FILE",
    `${quoted(path)} has changed since it was read.`,
    "Read it again, then repeat the call with the new etag.",
  );
}

/** The hash of the whole file in hexadecimal digits. */
export async function hashOf(source: ByteSource, kind: "sha256" | "sha1" | "md5", pacer: Pacer): Promise<string> {
  const hash = createHash(kind);
  const buffer = Buffer.allocUnsafe(Math.min(block, source.size));
  for (let position = 0; position < source.size; ) {
    const bytes = await source.read(position, buffer.length, buffer);
    if (bytes.length === 0) break;
    hash.update(bytes);
    position += bytes.length;
    if (pacer.due) await pacer.pause();
  }
  return hash.digest("hex");
}
