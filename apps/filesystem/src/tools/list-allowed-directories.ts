import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { readOnlyHints } from "./hints.ts";
import { answer } from "./inputs.ts";

const outputSchema = answer({
  content: z.string(),
  directories: z.array(answer({ path: z.string(), access: z.string(), source: z.string() })),
  limits: z.record(z.string(), z.number()),
  containment: z.string(),
});

export const listAllowedDirectories = defineTool({
  name: "list_allowed_directories",
  title: "List allowed directories",
  description: "The directories every other tool is limited to. Relative paths start at the first one.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema: z.object({}),
  outputSchema,
  run: (_input, files: FileSystem, ctx) =>
    files.operation(ctx, ({ scope }) => {
      const { maxRead, maxFile, searchTimeout } = files.settings;
      const directories = scope.requireRoots().map(({ path, access, source }) => ({ path, access, source }));
      const content = `Allowed directories:\n${directories.map(({ path }) => path).join("\n")}`;
      const limits = { maxRead, maxFile, searchTimeoutMs: searchTimeout };
      return success({ content, directories, limits, containment: scope.containment.kind }, content);
    }),
});
