import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import { compareNames } from "../safe-fs/directory.ts";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { entryLine, pageOf } from "../safe-fs/list-page.ts";
import { decodeCursor, encodeCursor, invalidCursor } from "../text/cursor.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, cursorInput, directoryInput } from "./inputs.ts";
import { cutNotice } from "./notice.ts";

const inputSchema = z.object({
  path: directoryInput,
  cursor: cursorInput,
  limit: count(1, 5000).default(1000),
});

const outputSchema = answer({
  content: z.string(),
  entries: z.array(answer({ name: z.string(), type: z.string() })),
  total: z.number().optional(),
  hidden: z.number(),
  truncated: z.boolean(),
  nextCursor: z.string().optional(),
});

const kind = "list_directory";

export const listDirectory = defineTool({
  name: "list_directory",
  title: "List a directory",
  description: "Names in a directory in byte order, marked [DIR], [FILE], [LINK] or [OTHER].",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  run: ({ path, cursor, limit }, files: FileSystem, ctx) =>
    files.operation(ctx, async ({ scope, pacer }) => {
      const after = cursor === undefined ? undefined : lastName(cursor);
      using located = scope.locate(path);
      const { entries, hidden } = await scope.list(located, pacer);
      const { items, lines, ...rest } = pageOf(entries, {
        isPast: ({ name }) => after !== undefined && compareNames(name, after) <= 0,
        limit,
        maxBytes: files.settings.maxRead,
        lineOf: entryLine,
        cursorAfter: ({ name }) => encodeCursor(kind, [name]),
      });
      const content = lines.join("\n");
      const data = { content, entries: items, total: entries.length, hidden, ...rest };
      return success(data, content, cutNotice(rest.truncated));
    }),
});

function lastName(cursor: string): string {
  const [name] = decodeCursor(kind, cursor);
  if (typeof name !== "string") throw invalidCursor("is damaged");
  return name;
}
