import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { destructiveHints } from "./hints.ts";
import { answer, flag, pathInput } from "./inputs.ts";

const inputSchema = z.object({ source: pathInput, destination: pathInput, createParents: flag });

export const moveFile = defineTool({
  name: "move_file",
  title: "Move or rename",
  description: "Moves or renames a file, link or directory. Never replaces anything: the destination must not exist.",
  annotations: destructiveHints,
  access: "write",
  inputSchema,
  outputSchema: answer({ content: z.string() }),
  timeoutMs: 600_000,
  run: ({ source, destination, createParents }, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      await files.transfers.move(operation, { source, destination, createParents });
      const content = `Successfully moved ${source} to ${destination}`;
      return success({ content }, content);
    }),
});
