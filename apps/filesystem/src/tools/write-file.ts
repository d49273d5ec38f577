import { defineTool, success } from "@bothways/kit";
import { z } from "zod";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { quoted, refusal } from "../safe-fs/refusal.ts";
import { encodeOrRefuse, parseEncoding } from "../text/encoding.ts";
import { destructiveHints } from "./hints.ts";
import { answer, etagInput, flag, pathInput } from "./inputs.ts";

const inputSchema = z.object({
  path: pathInput,
  content: z.string(),
  encoding: z.string().max(64).optional().describe("Default utf-8"),
  base64: flag.describe("content holds bytes in base64"),
  createParents: flag,
  mustNotExist: flag,
  ifMatch: etagInput.describe("etag or sha256:<hex> the file must have"),
});

const outputSchema = answer({
  content: z.string(),
  path: z.string(),
  bytes: z.number(),
  created: z.boolean(),
  etag: z.string(),
  hardLinkBroken: z.boolean().optional(),
  atomic: z.boolean().optional(),
});

export const writeFile = defineTool({
  name: "write_file",
  title: "Write a file",
  description: "Creates a file or replaces all of its content, atomically. Use edit_file to change a part.",
  annotations: { ...destructiveHints, idempotentHint: true },
  access: "write",
  inputSchema,
  outputSchema,
  run: (input, files: FileSystem, ctx) =>
    files.operation(ctx, async (operation) => {
      const { path, createParents, mustNotExist, ifMatch } = input;
      if (mustNotExist && ifMatch !== undefined) throw contradiction("mustNotExist", "ifMatch");
      const bytes = await bytesOf(input);
      files.assertSize(path, bytes.length);
      const conditions = { createParents, mustNotExist, ifMatch };
      const { size, ...rest } = await files.changes.write(operation, path, bytes, conditions);
      const content = `Successfully wrote to ${path}`;
      return success({ content, path, bytes: size, ...rest }, content);
    }),
});

async function bytesOf({ content, encoding, base64, path }: z.output<typeof inputSchema>): Promise<Buffer> {
  if (!base64) return encodeOrRefuse(content, parseEncoding(encoding ?? "utf-8"));
  if (encoding !== undefined) throw contradiction("base64", "encoding");
  const compact = content.replaceAll(/[\r\n]/g, "");
  const bytes = Buffer.from(compact, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") === compact.replace(/=+$/, "")) return bytes;
  throw refusal("INVALID_INPUT", `The content for ${quoted(path)} is not base64.`, "Use the standard alphabet.");
}

function contradiction(one: string, other: string): Error {
  return refusal("INVALID_INPUT", `${one} and ${other} exclude each other.`, "Give one of them.");
}
