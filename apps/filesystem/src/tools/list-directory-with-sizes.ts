import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import { compareNames } from "../safe-fs/directory.ts";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { pageOf, typeMarks } from "../safe-fs/list-page.ts";
import { SizedEntries, type SizedEntry, type SizedOrder } from "../safe-fs/sized-entries.ts";
import { decodeCursor, encodeCursor, invalidCursor } from "../text/cursor.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, cursorInput, directoryInput } from "./inputs.ts";
import { cutNotice } from "./notice.ts";

const sortKeys = z.enum(["name", "size", "mtime"]);

const inputSchema = z.object({
  path: directoryInput,
  sortBy: sortKeys.default("name"),
  cursor: cursorInput,
  limit: count(1, 5000).default(1000),
});

const outputSchema = answer({
  content: z.string(),
  entries: z.array(answer({ name: z.string(), type: z.string(), size: z.number(), modified: z.string().optional() })),
  total: z.number(),
  hidden: z.number(),
  truncated: z.boolean(),
  nextCursor: z.string().optional(),
});

const kind = "list_directory_with_sizes";

export const listDirectoryWithSizes = defineTool({
  name: "list_directory_with_sizes",
  title: "List a directory with sizes",
  description: "Names in a directory with sizes and a summary; by size and by mtime the largest and newest come first.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  run: ({ path, sortBy, cursor, limit }, files: FileSystem, ctx) =>
    files.operation(ctx, async ({ scope, pacer }) => {
      const after = cursor === undefined ? undefined : placeOf(cursor, sortBy);
      using located = scope.locate(path);
      const { entries, hidden } = await scope.list(located, pacer);
      const sized = await SizedEntries.of(scope.containment, located.directory, entries, pacer);
      const summary = sized.summary();
      const { items, lines, ...rest } = pageOf(sized.inOrder(sortBy), {
        isPast: (entry) => after !== undefined && compare(keyOf(entry, sortBy), after) <= 0,
        limit,
        maxBytes: files.settings.maxRead,
        lineOf,
        cursorAfter: (entry) => encodeCursor(kind, [sortBy, ...keyOf(entry, sortBy)]),
      });
      const content = [...lines, ...summaryOf(summary)].join("\n");
      const listed = items.map(({ name, type, size, mtime }) => ({
        name,
        type,
        size,
        ...(mtime !== undefined && { modified: new Date(mtime).toISOString() }),
      }));
      const data = { content, entries: listed, total: summary.files + summary.directories, hidden, ...rest };
      return success(data, content, cutNotice(rest.truncated));
    }),
});

/** Where an entry stands: a number in falling order, then its name in rising order. */
type Place = readonly [number, string];

function keyOf({ name, size, mtime = 0 }: SizedEntry, sortBy: SizedOrder): Place {
  return [sortBy === "name" ? 0 : sortBy === "size" ? size : mtime, name];
}

function compare(left: Place, right: Place): number {
  return right[0] - left[0] || compareNames(left[1], right[1]);
}

function placeOf(cursor: string, sortBy: SizedOrder): Place {
  const [key, value, name] = decodeCursor(kind, cursor);
  if (key !== sortBy) throw invalidCursor("was made with another sortBy");
  if (typeof value !== "number" || typeof name !== "string") throw invalidCursor("is damaged");
  return [value, name];
}

function lineOf({ name, type, size }: SizedEntry): string {
  return `${typeMarks[type]} ${name.padEnd(30)} ${type === "directory" ? "" : sizeText(size).padStart(10)}`;
}

function summaryOf({ files, directories, bytes }: ReturnType<SizedEntries["summary"]>): string[] {
  return ["", `Total: ${files} files, ${directories} directories`, `Combined size: ${sizeText(bytes)}`];
}

function sizeText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const unit = ["B", "KB", "MB", "GB", "TB"][power] ?? "B";
  return power === 0 ? `${bytes} ${unit}` : `${(bytes / 1024 ** power).toFixed(2)} ${unit}`;
}
