import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { encodeAppended } from "../text/append-text.ts";
import { answer, etagInput, flag, pathInput } from "./inputs.ts";

const inputSchema = z.object({
  path: pathInput,
  content: z.string(),
  createIfMissing: z.boolean().default(true),
  ensureNewline: flag.describe("End the last line first if it has no line end"),
  ifMatch: etagInput,
});

const outputSchema = answer({ content: z.string(), bytes: z.number(), size: z.number(), etag: z.string() });

export const appendFile = defineTool({
  name: "append_file",
  title: "Append to a file",
  description: "Adds text to the end of a file, in the file's own encoding, or creates it.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  access: "write",
  inputSchema,
  outputSchema,
  run: ({ path, content: text, ensureNewline, createIfMissing, ifMatch }, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      files.assertSize(path, Buffer.byteLength(text));
      const request = { path, text, ensureNewline };
      const appended = await files.changes.append(operation, path, { createIfMissing, ifMatch }, (source) =>
        encodeAppended(source, request, files.legacyEncoding),
      );
      const content = `Successfully appended to ${path}`;
      return success({ content, ...appended }, content);
    }),
});
