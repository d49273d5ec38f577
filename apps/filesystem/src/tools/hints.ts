import type { ToolHints } from "@bothways/kit";

/** Hints of every tool that changes nothing. */
export const readOnlyHints: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
