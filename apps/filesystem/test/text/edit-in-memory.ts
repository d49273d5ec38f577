import { applyEdits, type EditOutcome, type EditSettings, type TextEdit } from "../../src/text/edit/apply-edits.ts";
import { parseEncoding } from "../../src/text/encoding.ts";
import { Pacer } from "../../src/text/pacer.ts";

/** Edits content as the tool would, but in memory. */
export function edit(
  content: string | Buffer,
  edits: TextEdit | readonly TextEdit[],
  settings: Partial<EditSettings> = {},
): Promise<EditOutcome> {
  const all = { match: "flexible", path: "a.txt", label: "a.txt", maxBytes: 64 << 20, ...settings } as const;
  const legacyEncoding = parseEncoding("windows-1252");
  return applyEdits(Buffer.from(content), [edits].flat(), { legacyEncoding, ...all }, new Pacer());
}

export function bytesIn({ pieces }: EditOutcome): Buffer {
  return Buffer.concat(pieces);
}

export async function edited(content: string, oldText: string, newText: string): Promise<string> {
  return bytesIn(await edit(content, { oldText, newText })).toString();
}
