import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { findNames } from "../search/name-search.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, cursorInput, directoryInput, flag } from "./inputs.ts";
import { cutNotice, notice } from "./notice.ts";

const glob = z.string().min(1);

const inputSchema = z.object({
  path: directoryInput,
  pattern: glob.optional().describe("Glob for the path below path, as in **/*.ts"),
  query: glob.optional().describe("Part of a name, or a glob for names, at any depth"),
  excludePatterns: z.array(glob).max(100).default([]),
  type: z.enum(["file", "directory", "symlink"]).optional(),
  caseSensitive: z.boolean().default(true),
  respectGitignore: flag,
  maxDepth: count(1).optional(),
  maxResults: count(1, 100_000).default(1000),
  cursor: cursorInput,
});

const outputSchema = answer({
  content: z.string(),
  matches: z.array(answer({ path: z.string(), type: z.string() })),
  truncated: z.boolean(),
  stoppedReason: z.string().optional(),
  nextCursor: z.string().optional(),
  skipped: z.number(),
});

export const searchFiles = defineTool({
  name: "search_files",
  title: "Search for files by name",
  description: "Absolute paths of files and directories whose names match. Give either pattern or query.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  timeoutMs: 130_000,
  run: (request, files: FileSystem, ctx) =>
    files.search(ctx, async (operation) => {
      using located = operation.scope.locate(request.path);
      const { searchTimeout, maxRead } = files.settings;
      const limits = { timeoutMs: searchTimeout, maxBytes: maxRead };
      const found = await findNames(operation, located, request, limits, (entries) => ctx.progress(entries));
      const { matches, ...rest } = found;
      const content = matches.length === 0 ? "No matches found" : matches.map(({ path }) => path).join("\n");
      const isFlat = request.pattern !== undefined && !request.pattern.includes("**");
      const hints = matches.length === 0 && isFlat ? [notice("Start the pattern with **/ to match at any depth.")] : [];
      return success({ content, matches, ...rest }, content, [...hints, ...cutNotice(rest.truncated)]);
    }),
});
