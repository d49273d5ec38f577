import type { z } from "zod";
import type { TransportSelection } from "../select-transport.ts";
import { createCatalogue, type OptionEntry } from "./catalogue.ts";
import type { KitSchema } from "./kit-options.ts";
import type { ParsedOptions } from "./parse-options.ts";

/** What was decided, and from which declaration. */
export interface ExplainInput<ServerSchema extends z.ZodObject> {
  readonly short: string;
  readonly serverSchema: ServerSchema;
  readonly kitSchema: KitSchema;
  readonly parsed: Extract<ParsedOptions<ServerSchema>, { readonly kind: "run" }>;
  readonly selection: TransportSelection;
}

interface Explained {
  readonly value: unknown;
  /** `--port`, `BOTHWAYS_PORT`, `kit.json: port` or `default`. */
  readonly source: string;
}

/**
 * The text of `--explain`: `{ transport, because, options: { name: { value, source } } }` as JSON.
 *
 * Durations are in milliseconds and sizes in bytes; options without a value are null; a secret is `"***"`.
 */
export function explain<ServerSchema extends z.ZodObject>(input: ExplainInput<ServerSchema>): string {
  const { entries } = createCatalogue(input.short, input.serverSchema, input.kitSchema);
  const { transport, because } = input.selection;
  const shown = entries.filter((entry) => !["help", "version", "explain"].includes(entry.key));
  const options = Object.fromEntries(shown.map((entry) => [entry.key, explained(entry, input)]));
  return `${JSON.stringify({ transport, because, options }, jsonValue, 2)}\n`;
}

function explained<ServerSchema extends z.ZodObject>(
  entry: OptionEntry,
  { parsed, selection }: ExplainInput<ServerSchema>,
): Explained {
  const isPort = entry.key === "port" && entry.owner !== "server";
  if (isPort && selection.transport !== "stdio" && selection.address.kind === "tcp") {
    return { value: selection.address.port, source: selection.address.source };
  }
  const values: object = entry.owner === "kit" ? parsed.kit : parsed.server;
  const value: unknown = Object.entries(values).find(([key]) => key === entry.key)?.[1];
  const source = parsed.sources.get(entry.key)?.name ?? "default";
  if (value === undefined) return { value: null, source };
  return { value: entry.secret ? "***" : value, source };
}

/** Schemas may yield what JSON cannot hold. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
