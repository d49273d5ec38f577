import { defineTool, type Success, success, type ToolContext } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { openSource } from "../text/byte-source.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, cursorInput, flag, pathInput } from "./inputs.ts";
import { cutNotice } from "./notice.ts";

/** What reading takes, without a word of explanation: the older name must not cost a model the same again. */
export const readInput = z.object({
  path: pathInput,
  head: count(0).optional(),
  tail: count(0).optional(),
  offset: count(1).optional(),
  limit: count(0).optional(),
  cursor: z.string().optional(),
  lineNumbers: flag,
  encoding: z.string().max(64).optional(),
  maxBytes: count(1024, 16 << 20).optional(),
});

const readOutput = answer({
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

const { head, tail, offset, limit } = readInput.shape;

const inputSchema = readInput.extend({
  head: head.describe("First N lines"),
  tail: tail.describe("Last N lines"),
  offset: offset.describe("First line, from 1"),
  limit: limit.describe("Lines from offset"),
  cursor: cursorInput.describe("nextCursor of the page before"),
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
  inputSchema,
  outputSchema: readOutput,
  run: readText,
});
