import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { joinPath, walkTree } from "../safe-fs/tree.ts";
import { createTreeText } from "../safe-fs/tree-text.ts";
import { compileExclusions } from "../search/globs.ts";
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

const maxErrors = 100;

export const directoryTree = defineTool({
  name: "directory_tree",
  title: "Show a directory tree",
  description:
    "Everything below a directory as JSON (name, type, children) or, with format compact, as indented names.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  timeoutMs: 130_000,
  run: ({ path, excludePatterns, maxDepth, maxEntries, format }, files: FileSystem, ctx) =>
    files.search(ctx, async ({ scope, pacer }) => {
      using located = scope.locate(path);
      const isExcluded = compileExclusions(excludePatterns);
      const text = createTreeText(format, files.settings.maxRead);
      const errors: { path: string; code: string }[] = [];
      const deadline = performance.now() + files.settings.searchTimeout;
      let entryCount = 0;
      let hidden = 0;
      const complete = await walkTree(
        scope,
        located,
        {
          enter(directory) {
            hidden += directory.listing.hidden;
            if (directory.depth > 0) text.open();
          },
          entry(name, type, { path: parent, depth }) {
            if (excludePatterns.length > 0 && isExcluded(joinPath(parent, name))) return undefined;
            if (entryCount >= maxEntries || !text.add(name, type, depth)) return "stop";
            entryCount += 1;
            return maxDepth === undefined || depth + 1 < maxDepth ? "enter" : undefined;
          },
          failed(failedPath, code) {
            if (errors.length < maxErrors) errors.push({ path: failedPath, code });
          },
        },
        pacer,
        () => {
          ctx.progress(entryCount);
          return performance.now() < deadline;
        },
      );
      const content = text.finish();
      const cut = complete
        ? []
        : [notice(`Cut after ${entryCount} entries. Narrow path, maxDepth or excludePatterns.`)];
      return success({ content, entryCount, hidden, truncated: !complete, errors }, content, cut);
    }),
});
