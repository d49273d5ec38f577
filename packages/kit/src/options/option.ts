import type { z } from "zod";

/** How an option is given; the schema says what values it may have. */
export interface OptionSource {
  /** Flag without dashes, for example `max-read`. @default the key in kebab-case */
  readonly flag?: string;
  /** Environment variable. @default `BOTHWAYS_<SHORT>_<FLAG>` */
  readonly env?: string;
  /** True when bare arguments fill it. At most one option of a server; a list takes all of them. */
  readonly positional?: boolean;
  /** True when the flag may repeat; the environment gives a path list (`path` lists) or commas. */
  readonly multiple?: boolean;
  /** True when the value must never come from a flag nor appear in any output. */
  readonly secret?: boolean;
  /** Text of one value for humans where the schema's kind does not tell, for example `<dir>[:ro|:rw]`. */
  readonly placeholder?: string;
  /** One line for `--help` and the README. */
  readonly describe: string;
}

const sources = new WeakMap<z.ZodType, OptionSource>();

/**
 * Attaches to a schema how its value is given.
 *
 * Kinds are the schemas of `options/kinds.ts` (`bytes()`, `duration()`, `path()`, `list()`) and zod's string, number,
 * boolean, enum and array of these, with `.default()` or `.optional()` where the option may be left out.
 *
 * @returns The same schema.
 */
export function option<Schema extends z.ZodType>(schema: Schema, source: OptionSource): Schema {
  sources.set(schema, source);
  return schema;
}

/** The source attached by `option`, if any. */
export function optionSource(schema: z.ZodType): OptionSource | undefined {
  return sources.get(schema);
}
