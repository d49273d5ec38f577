import { defineTool, type Success, success, type ToolContext } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { openSource } from "../text/byte-source.ts";
import { readOnlyHints } from "./hints.ts";
import { count, cursorInput, pathInput } from "./inputs.ts";
import { cutNotice } from "./notice.ts";

export const readInput = z.object({
  path: pathInput,
  head: count(0).optional().describe("First N lines"),
  tail: count(0).optional().describe("Last N lines"),
  offset: count(1).optional().describe("First line, from 1"),
  limit: count(0).optional().describe("Lines from offset"),
  cursor: cursorInput,
  lineNumbers: z.boolean().default(false),
  encoding: z.string().max(64).optional(),
  maxBytes: count(1024, 16 << 20).optional(),
});

export const readOutput = z.object({
  content: z.string(),
  startLine: z.number().optional(),
  endLine: z.number().optional(),
  totalLines: z.number().optional(),
  totalBytes: z.number(),
  encoding: z.string(),
  bom: z.boolean(),
  eol: z.string(),
  etag: z.string(),
  truncated: z.boolean(),
  nextCursor: z.string().optional(),
});

/** Reads one page of a text file; the work of `read_text_file` and of its older name. */
export function readText(
  { path, maxBytes, ...range }: z.output<typeof readInput>,
  files: FileSystem,
  ctx: ToolContext,
): Promise<Success<z.input<typeof readOutput>>> {
  return files.operation(ctx, async ({ scope, pacer }) => {
    using file = scope.openFile(path);
    const cap = Math.min(maxBytes ?? files.settings.maxRead, files.settings.maxRead);
    const { text, ...facts } = await files.reader.read(openSource(file.fd), { ...range, path, cap }, pacer);
    return success({ content: text, ...facts }, text, cutNotice(facts.truncated));
  });
}

export const readTextFile = defineTool({
  name: "read_text_file",
  title: "Read a text file",
  description: "Text of a file, or of a range of its lines. Long files come in pages: pass nextCursor as cursor.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema: readInput,
  outputSchema: readOutput,
  run: readText,
});
