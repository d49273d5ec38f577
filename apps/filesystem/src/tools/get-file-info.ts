import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem, Operation } from "../safe-fs/file-system.ts";
import type { Located } from "../safe-fs/located.ts";
import { type ByteSource, openSource } from "../text/byte-source.ts";
import { detectText } from "../text/detect.ts";
import { utf8 } from "../text/encoding.ts";
import { etagOf, hashOf } from "../text/etag.ts";
import { LineIndex } from "../text/line-index.ts";
import { mediaKindOf } from "../text/media.ts";
import type { Pacer } from "../text/pacer.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, flag, pathInput } from "./inputs.ts";

const inputSchema = z.object({
  path: pathInput,
  hash: z.enum(["sha256", "sha1", "md5"]).optional(),
  countLines: flag,
  followSymlinks: z.boolean().default(true),
});

const outputSchema = answer({
  content: z.string(),
  size: z.number(),
  created: z.string(),
  modified: z.string(),
  accessed: z.string(),
  isDirectory: z.boolean(),
  isFile: z.boolean(),
  permissions: z.string(),
  type: z.string(),
  mimeType: z.string().optional(),
  nlink: z.number(),
  etag: z.string(),
  hash: z.string().optional(),
  lineCount: z.number().optional(),
});

type Wanted = z.output<typeof inputSchema>;
type Content = { mimeType?: string; hash?: string; lineCount?: number };

const sampleBytes = 64 * 1024;

export const getFileInfo = defineTool({
  name: "get_file_info",
  title: "Get file information",
  description: "Size, times, permissions, type and etag of a file or directory; its hash and line count on request.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  run: (input, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      using located = operation.scope.locate(input.path, input.followSymlinks ? "existing" : "link");
      const { stat } = located;
      const kind = { isDirectory: stat.isDirectory(), isFile: stat.isFile() };
      const permissions = (Number(stat.mode) & 0o777).toString(8).padStart(3, "0");
      const more = {
        type: located.type,
        nlink: Number(stat.nlink),
        etag: etagOf(stat),
        ...(kind.isFile && (await contentOf(located, operation, input))),
      };
      const size = Number(stat.size);
      const { birthtime, mtime, atime } = stat;
      const content = lines({
        size,
        created: birthtime,
        modified: mtime,
        accessed: atime,
        ...kind,
        permissions,
        ...more,
      });
      const times = { created: birthtime.toISOString(), modified: mtime.toISOString(), accessed: atime.toISOString() };
      return success({ content, size, ...times, ...kind, permissions, ...more }, content);
    }),
});

async function contentOf(located: Located, { scope, pacer }: Operation, wanted: Wanted): Promise<Content> {
  if (!wanted.hash && !wanted.countLines && !scope.canRead(located)) return {};
  using file = scope.openLocated(located);
  const source = openSource(file.fd);
  const head = await source.read(0, sampleBytes);
  return {
    mimeType: mediaKindOf(head, head.length >= source.size, located.name).mimeType,
    ...(wanted.hash && { hash: await hashOf(source, wanted.hash, pacer) }),
    ...(wanted.countLines && { lineCount: await countLines(source, head, pacer) }),
  };
}

async function countLines(source: ByteSource, head: Buffer, pacer: Pacer): Promise<number> {
  const detected = detectText(head, head.length >= source.size, utf8);
  const encoding = detected.kind === "text" ? detected.encoding : utf8;
  const index = new LineIndex();
  await index.locate(source, encoding, Number.MAX_SAFE_INTEGER, pacer);
  return index.totalLines(source, encoding) ?? 0;
}

function lines(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join("\n");
}
