import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { destructiveHints } from "./hints.ts";
import { answer, flag, pathInput } from "./inputs.ts";

const inputSchema = z.object({
  source: pathInput,
  destination: pathInput,
  recursive: flag.describe("Needed for a directory"),
  overwrite: flag,
  preserveTimestamps: flag,
});

const outputSchema = answer({
  content: z.string(),
  files: z.number(),
  directories: z.number(),
  bytes: z.number(),
  skipped: z.array(answer({ path: z.string(), code: z.string() })),
});

export const copyFile = defineTool({
  name: "copy_file",
  title: "Copy a file or directory",
  description: "Copies a file, or with recursive a directory. The destination is the copy's own path.",
  annotations: destructiveHints,
  access: "write",
  inputSchema,
  outputSchema,
  timeoutMs: 600_000,
  run: (input, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      const copied = await files.transfers.copy(operation, input, (done) => ctx.progress(done));
      const content = `Successfully copied ${input.source} to ${input.destination}`;
      return success({ content, ...copied }, content);
    }),
});
