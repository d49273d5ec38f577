import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { showTree } from "../search/tree-view.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, directoryInput, flag } from "./inputs.ts";
import { notice } from "./notice.ts";

const inputSchema = z.object({
  path: directoryInput,
  excludePatterns: z.array(z.string().min(1)).max(100).default([]),
  maxDepth: count(1).optional(),
  maxEntries: count(1, 50_000).default(5000),
  respectGitignore: flag,
  format: z.enum(["json", "compact"]).default("json"),
});

const outputSchema = answer({
  content: z.string(),
  entryCount: z.number(),
  hidden: z.number(),
  truncated: z.boolean(),
  errors: z.array(answer({ path: z.string(), code: z.string() })),
});

export const directoryTree = defineTool({
  name: "directory_tree",
  title: "Show a directory tree",
  description: "All below a directory as JSON (name, type, children) or, with format compact, as indented names.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  timeoutMs: 130_000,
  run: ({ path, ...request }, files: FileSystem, ctx) =>
    files.search(ctx, async (operation) => {
      using located = operation.scope.locate(path);
      const { searchTimeout: timeoutMs, maxRead: maxBytes } = files.settings;
      const shown = await showTree(operation, located, request, { timeoutMs, maxBytes }, (done) => ctx.progress(done));
      const { content, entryCount, truncated } = shown;
      const narrower = "Narrow path, maxDepth or excludePatterns.";
      const cut = truncated ? [notice(`Cut after ${entryCount} entries. ${narrower}`)] : [];
      return success({ ...shown }, content, cut);
    }),
});
