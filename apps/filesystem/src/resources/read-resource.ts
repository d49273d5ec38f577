import type { ReadResourceResult } from "@bothways/kit";
import type { FileSystem, Operation } from "../safe-fs/file-system.ts";
import { entryLine } from "../safe-fs/list-page.ts";
import type { Located } from "../safe-fs/located.ts";
import { quoted, refusal } from "../safe-fs/refusal.ts";
import { openSource } from "../text/byte-source.ts";
import { mediaKindOf } from "../text/media.ts";

type Contents = ReadResourceResult["contents"];

const sampleBytes = 64 * 1024;

/**
 * Reads what a `file:` uri names: text as text, other files as base64, a directory as its list.
 *
 * @param uri As the client gave it; repeated in the answer.
 * @throws {FailureError} `TOO_LARGE` above `--max-read`, and what the walk throws.
 */
export async function readResource(
  files: FileSystem,
  operation: Operation,
  uri: string,
  path: string,
): Promise<Contents> {
  using located = operation.scope.locate(path);
  if (located.type === "directory") return [await readDirectory(files, operation, uri, located)];
  return [await readFile(files, operation, uri, located)];
}

async function readDirectory(
  files: FileSystem,
  { scope, pacer }: Operation,
  uri: string,
  located: Located,
): Promise<Contents[number]> {
  const { entries } = await scope.list(located, pacer);
  const text = entries.map(entryLine).join("\n");
  if (Buffer.byteLength(text) > files.settings.maxRead) throw tooLarge(located.asked, "list_directory");
  return { uri, mimeType: "inode/directory", text };
}

async function readFile(
  files: FileSystem,
  { scope, pacer }: Operation,
  uri: string,
  located: Located,
): Promise<Contents[number]> {
  const { maxRead } = files.settings;
  using file = scope.openLocated(located);
  const source = openSource(file.fd);
  const head = await source.read(0, sampleBytes);
  const { mimeType, block } = mediaKindOf(head, head.length >= source.size, located.name);
  const isText = block === "blob" && (mimeType.startsWith("text/") || textTypes.has(mimeType));
  if (isText) {
    const reading = await files.reader.read(source, { path: located.asked, cap: maxRead }, pacer);
    if (reading.truncated) throw tooLarge(located.asked, "read_text_file");
    return { uri, mimeType, text: reading.text };
  }
  if (source.size > maxRead) throw tooLarge(located.asked, "read_media_file");
  return { uri, mimeType, blob: (await source.read(0, source.size)).toString("base64") };
}

const textTypes: ReadonlySet<string> = new Set(["application/json", "application/xml", "application/yaml"]);

function tooLarge(path: string, tool: string): Error {
  return refusal("TOO_LARGE", `${quoted(path)} is too large for one resource.`, `Call ${tool} to get it in parts.`);
}
