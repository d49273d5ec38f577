import { defineTool } from "@bothways/kit";
import { z } from "zod";
import { readOnlyHints } from "./hints.ts";
import { answer } from "./inputs.ts";
import { readInput, readText } from "./read-text-file.ts";

export const readFile = defineTool({
  name: "read_file",
  title: "Read a file",
  description: "Same as read_text_file, under its older name.",
  annotations: readOnlyHints,
  access: "read",
  inputSchema: readInput,
  outputSchema: answer({ content: z.string() }),
  run: readText,
});
