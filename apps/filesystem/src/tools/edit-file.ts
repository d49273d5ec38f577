import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { Replaced } from "../safe-fs/change/replace-file.ts";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { quoted, refusal } from "../safe-fs/refusal.ts";
import { applyEdits, type EditOutcome } from "../text/edit/apply-edits.ts";
import { destructiveHints } from "./hints.ts";
import { answer, count, etagInput, flag, pathInput } from "./inputs.ts";

const maxTextBytes = 1 << 20;
const text = z.string().refine((value) => Buffer.byteLength(value) <= maxTextBytes, "at most 1 MiB");

const inputSchema = z.object({
  path: pathInput,
  edits: z
    .array(
      z.strictObject({
        oldText: text.describe("Must occur once"),
        newText: text,
        replaceAll: flag,
        expectedCount: count(1).optional().describe("Occurrences, all replaced"),
      }),
    )
    .max(1000),
  dryRun: flag,
  ifMatch: etagInput,
  match: z.enum(["flexible", "exact"]).default("flexible").describe("flexible: whole lines also match by trimmed text"),
});

const outputSchema = answer({
  content: z.string(),
  applied: z.number(),
  linesAdded: z.number(),
  linesRemoved: z.number(),
  encoding: z.string(),
  eol: z.string(),
  etag: z.string(),
  matchedBy: z.array(z.string()),
  hardLinkBroken: z.boolean().optional(),
  atomic: z.boolean().optional(),
});

export const editFile = defineTool({
  name: "edit_file",
  title: "Edit a text file",
  description: "Replaces texts in a file, in order, all or none, and returns the diff. Try with dryRun first.",
  annotations: destructiveHints,
  access: "write",
  inputSchema,
  outputSchema,
  run: ({ path, edits, dryRun, ifMatch, match }, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      const { maxFile: maxBytes } = files.settings;
      const { legacyEncoding } = files;
      let outcome: EditOutcome | undefined;
      let etag = "";
      const replaced = await files.changes.rewrite(operation, path, ifMatch, async ({ source, located }) => {
        if (source.size > maxBytes) throw tooLarge(path, source.size, maxBytes);
        const bytes = await source.read(0, source.size);
        const settings = { match, path, label: located.path, legacyEncoding, maxBytes };
        outcome = await applyEdits(bytes, edits, settings, operation.pacer);
        etag = source.etag;
        return dryRun ? undefined : outcome.pieces;
      });
      if (!outcome) throw new Error("a rewrite calls back or throws");
      return success({ ...dataOf(outcome, edits.length), etag, ...written(replaced) }, outcome.text);
    }),
});

function dataOf({ text: content, linesAdded, linesRemoved, encoding, eol, matchedBy }: EditOutcome, applied: number) {
  return { content, applied, linesAdded, linesRemoved, encoding, eol, matchedBy: [...matchedBy] };
}

function written(replaced: Replaced | undefined): Partial<Replaced> {
  if (!replaced) return {};
  const { size: _size, created: _created, ...rest } = replaced;
  return rest;
}

function tooLarge(path: string, bytes: number, most: number): Error {
  return refusal(
    "TOO_LARGE",
    `${quoted(path)} has ${bytes} bytes, more than the ${most} this server edits.`,
    "Let the operator raise --max-file.",
  );
}
