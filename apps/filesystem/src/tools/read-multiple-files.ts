import { defineTool, FailureError, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem, Operation } from "../safe-fs/file-system.ts";
import { explained, refusal } from "../safe-fs/refusal.ts";
import { openSource } from "../text/byte-source.ts";
import { readOnlyHints } from "./hints.ts";
import { answer, count, pathInput } from "./inputs.ts";
import { notice } from "./notice.ts";

const inputSchema = z.object({
  paths: z.array(pathInput).min(1).max(100),
  head: count(0).optional().describe("First N lines of each"),
  tail: count(0).optional().describe("Last N lines of each"),
});

const fileReport = answer({
  path: z.string(),
  ok: z.boolean(),
  code: z.string().optional(),
  truncated: z.boolean(),
  etag: z.string().optional(),
  nextCursor: z.string().optional(),
});

const outputSchema = answer({ content: z.string(), files: z.array(fileReport), notRead: z.array(z.string()) });

type FileReport = z.output<typeof fileReport>;

/** Less room than this is left unused: a few words of a file help nobody. */
const leastPiece = 256;

export const readMultipleFiles = defineTool({
  name: "read_multiple_files",
  title: "Read several files",
  description:
    "Texts of several files, up to the size limit of one answer. A file that fails does not fail the others.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema,
  outputSchema,
  run: ({ paths, head, tail }, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      if (head !== undefined && tail !== undefined) {
        throw refusal("INVALID_INPUT", "head and tail exclude each other.", "Give one of them.");
      }
      const parts: string[] = [];
      const reports: FileReport[] = [];
      const notRead: string[] = [];
      let room = files.settings.maxRead;
      for (const path of paths) {
        const cap = room - Buffer.byteLength(path) - frameBytes;
        if (cap < leastPiece) {
          notRead.push(path);
          continue;
        }
        const { text, report } = await readOne(path, { head, tail, cap }, operation, files, ctx.signal);
        parts.push(text);
        reports.push(report);
        room -= Buffer.byteLength(text) + separator.length;
      }
      const content = parts.join(separator);
      return success({ content, files: reports, notRead }, content, noticesOf(reports, notRead));
    }),
});

const separator = "\n---\n";
/** What surrounds a text: colon, line ends, separator. */
const frameBytes = 8;

async function readOne(
  path: string,
  range: { head: number | undefined; tail: number | undefined; cap: number },
  { scope, pacer }: Operation,
  files: FileSystem,
  signal: AbortSignal,
): Promise<{ text: string; report: FileReport }> {
  try {
    using file = scope.openFile(path);
    const { text, truncated, etag, nextCursor } = await files.reader.read(
      openSource(file.fd),
      { ...range, path },
      pacer,
    );
    const report = { path, ok: true, truncated, etag, ...(nextCursor !== undefined && { nextCursor }) };
    return { text: `${path}:\n${text}\n`, report };
  } catch (error) {
    const known = explained(error, path);
    if (!(known instanceof FailureError) || signal.aborted) throw known;
    const { code, sentence, next } = known.failure;
    return {
      text: `${path}: Error - ${code}: ${sentence} ${next}`,
      report: { path, ok: false, code, truncated: false },
    };
  }
}

function noticesOf(reports: readonly FileReport[], notRead: readonly string[]): ReturnType<typeof notice>[] {
  const notices: ReturnType<typeof notice>[] = [];
  if (reports.some(({ truncated }) => truncated)) {
    notices.push(notice("A file was cut. Pass its nextCursor as cursor to read_text_file for what follows."));
  }
  if (notRead.length > 0) {
    notices.push(notice(`${notRead.length} files did not fit and are in notRead. Call again with those.`));
  }
  return notices;
}
