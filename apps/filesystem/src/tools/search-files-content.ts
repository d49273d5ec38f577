import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { contentText } from "../search/content-text.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, cursorInput, directoryInput, flag } from "./inputs.ts";
import { cutNotice, notice } from "./notice.ts";

const globs = z.array(z.string().min(1)).max(100).default([]);

const inputSchema = z.object({
  path: directoryInput.describe("Directory or file"),
  pattern: z.string().min(1).max(4096),
  regex: flag.describe("pattern is a regular expression, not plain text"),
  caseSensitive: z.boolean().default(true),
  wholeWord: flag,
  multiline: flag.describe("Matches may span lines"),
  include: globs.describe("Only files that match a glob, as *.ts or src/**"),
  excludePatterns: globs,
  respectGitignore: z.boolean().default(true),
  includeHidden: flag,
  contextLines: count(0, 20).default(0),
  outputMode: z.enum(["matches", "files", "count"]).default("matches"),
  maxResults: count(1, 5000).default(200),
  maxMatchesPerFile: count(1, 5000).default(50),
  maxFileBytes: count(1, 64 << 20).default(8 << 20),
  cursor: cursorInput,
});

const outputSchema = answer({
  content: z.string(),
  matches: z
    .array(
      answer({
        path: z.string(),
        line: z.number(),
        column: z.number(),
        text: z.string(),
        before: z.array(z.string()).readonly().optional(),
        after: z.array(z.string()).readonly().optional(),
        textTruncated: z.boolean().optional(),
      }),
    )
    .optional(),
  files: z.array(z.string()).optional(),
  counts: z.array(answer({ path: z.string(), count: z.number() })).optional(),
  filesMatched: z.number(),
  truncated: z.boolean(),
  stoppedReason: z.string().optional(),
  skipped: answer({ binary: z.number(), tooLarge: z.number(), denied: z.number(), unreadable: z.number() }),
  engine: z.string(),
  nextCursor: z.string().optional(),
});

export const searchFilesContent = defineTool({
  name: "search_files_content",
  title: "Search in files",
  description: "Lines of text files that contain a text, as path:line:text. Use search_files to find files by name.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  timeoutMs: 130_000,
  run: (request, files: FileSystem, ctx) =>
    files.search(ctx, async (operation) => {
      const searcher = await files.contentSearcher();
      const { page, skipped, engine } = await searcher.search(operation, request, ctx.log, (done) =>
        ctx.progress(done),
      );
      const { matches, files: paths, counts, filesMatched, filesCut, stoppedReason, nextCursor } = page;
      const results = { matches: { matches }, files: { files: paths }, count: { counts } }[request.outputMode];
      const truncated = stoppedReason !== undefined;
      const content = contentText(page, request.outputMode);
      const data = { content, ...results, filesMatched, truncated, skipped, engine };
      const rest = { ...(stoppedReason && { stoppedReason }), ...(nextCursor && { nextCursor }) };
      const { maxMatchesPerFile } = request;
      const cutFiles = `${filesCut} files have more than ${maxMatchesPerFile} matches; raise maxMatchesPerFile.`;
      const late = "Out of time before all was searched. Narrow path or include.";
      const cut = truncated && nextCursor === undefined ? [notice(late)] : cutNotice(truncated);
      return success({ ...data, ...rest }, content, [...cut, ...(filesCut > 0 ? [notice(cutFiles)] : [])]);
    }),
});
