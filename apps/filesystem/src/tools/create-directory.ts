import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { answer, pathInput } from "./inputs.ts";

const outputSchema = answer({ content: z.string(), created: z.array(z.string()) });

export const createDirectory = defineTool({
  name: "create_directory",
  title: "Create a directory",
  description: "Creates a directory and those above it that are missing. One that exists is fine.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  access: "write",
  inputSchema: z.object({ path: pathInput }),
  outputSchema,
  run: ({ path }, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      const created = await files.changes.createDirectories(operation, path);
      const content = `Successfully created directory ${path}`;
      return success({ content, created }, content);
    }),
});
