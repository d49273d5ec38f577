import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { quoted, refusal } from "../safe-fs/refusal.ts";
import { fileUri } from "../safe-fs/resource-uri.ts";
import { openSource } from "../text/byte-source.ts";
import { type MediaKind, mediaKindOf } from "../text/media.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, pathInput } from "./inputs.ts";

const mib = 1024 * 1024;
const sampleBytes = 64 * 1024;

const inputSchema = z.object({
  path: pathInput,
  maxBytes: count(1, 20 * mib).default(5 * mib),
});

const outputSchema = answer({
  content: z.array(z.looseObject({ type: z.string() })),
  mimeType: z.string(),
  bytes: z.number(),
  etag: z.string(),
});

export const readMediaFile = defineTool({
  name: "read_media_file",
  title: "Read a media file",
  description: "An image or audio file as such a block, any other file as an embedded resource, in base64.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  run: ({ path, maxBytes }, files: FileSystem, ctx) =>
    files.operation(ctx, async ({ scope }) => {
      using file = scope.openFile(path);
      const source = openSource(file.fd);
      if (source.size > maxBytes) throw tooLarge(path, source.size, maxBytes);
      const bytes = await source.read(0, source.size);
      const kind = mediaKindOf(bytes.subarray(0, sampleBytes), bytes.length <= sampleBytes, file.located.name);
      const block = blockOf(kind, bytes.toString("base64"), file.located.path);
      const data = { content: [block], mimeType: kind.mimeType, bytes: bytes.length, etag: source.etag };
      return success(data, null, [block]);
    }),
});

function blockOf({ mimeType, block }: MediaKind, base64: string, path: string) {
  if (block !== "blob") return { type: block, data: base64, mimeType };
  return { type: "resource" as const, resource: { uri: fileUri(path), mimeType, blob: base64 } };
}

function tooLarge(path: string, size: number, most: number): Error {
  return refusal(
    "TOO_LARGE",
    `${quoted(path)} has ${size} bytes, more than the ${most} of this call.`,
    `Set maxBytes, up to ${20 * mib}, or use read_text_file for text.`,
  );
}
