import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { destructiveHints } from "./hints.ts";
import { answer, etagInput, flag, pathInput } from "./inputs.ts";

const inputSchema = z.object({
  path: pathInput,
  recursive: flag.describe("Needed for a directory that is not empty"),
  dryRun: flag,
  ifMatch: etagInput,
});

const outputSchema = answer({ content: z.string(), deletedFiles: z.number(), deletedDirs: z.number() });

export const deleteFile = defineTool({
  name: "delete_file",
  title: "Delete a file or directory",
  description: "Deletes a file, a link or a directory for good. dryRun only counts.",
  annotations: destructiveHints,
  access: "write",
  inputSchema,
  outputSchema,
  timeoutMs: 600_000,
  run: ({ path, ...options }, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      const deleted = await files.transfers.delete(operation, path, {
        ...options,
        progress: (done, total) => ctx.progress(done, total),
      });
      const content = `${options.dryRun ? "Would delete" : "Successfully deleted"} ${path}`;
      return success({ content, ...deleted }, content);
    }),
});
