import type { ToolHints } from "@bothways/kit";

/** Changes nothing. */
export const reads: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Adds something; nothing that exists is lost. */
export const adds: ToolHints = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};

/** May change or remove what exists. */
export const changes: ToolHints = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: false,
};

/** Above any deadline that `--query-timeout` can set: the engine's own one decides, and says more. */
export const engineTimeoutMs = 610_000;
