import { isUtf8 } from "node:buffer";
import { detectText } from "./detect.ts";
import { utf8 } from "./encoding.ts";
import { mimeTypeByMagic, mimeTypeByName } from "./magic.ts";

/** What a file is, and which kind of content block may carry it. */
export interface MediaKind {
  readonly mimeType: string;
  readonly block: "image" | "audio" | "blob";
}

/** Formats whose magic is a few letters, with which a text may begin as well. */
const wordLike: ReadonlySet<string> = new Set([
  "audio/mpeg",
  "application/x-bzip2",
  "application/vnd.microsoft.portable-executable",
  "application/vnd.apache.parquet",
  "application/x-tar",
  "image/vnd.adobe.photoshop",
  "font/otf",
  "video/mp4",
]);

/**
 * Tells what a file is by its content; its name decides only for text, which has no magic bytes.
 *
 * @param head The first bytes of the file; 64 KiB are enough for every format.
 * @param complete Whether `head` is the whole file.
 * @param name The file's name, for its extension.
 */
export function mediaKindOf(head: Buffer, complete: boolean, name: string): MediaKind {
  const proven = mimeTypeByMagic(head);
  const readable = isUtf8(head) && !head.includes(0);
  if (proven !== undefined && !(readable && wordLike.has(proven))) return { mimeType: proven, block: blockOf(proven) };
  const detected = detectText(head, complete, utf8);
  if (detected.kind === "binary") return { mimeType: detected.mimeType, block: "blob" };
  const named = mimeTypeByName(name) ?? "text/plain";
  if (named !== "image/svg+xml") return { mimeType: named, block: "blob" };
  // The name alone would let any text pass for a picture.
  return head.includes("<svg") ? { mimeType: named, block: "image" } : { mimeType: "text/plain", block: "blob" };
}

function blockOf(mimeType: string): MediaKind["block"] {
  if (mimeType.startsWith("image/")) return "image";
  return mimeType.startsWith("audio/") ? "audio" : "blob";
}
