import type { z } from "zod";

/** How an option is given; the schema says what values it may have. */
export interface OptionSource {
  /** Flag without dashes, for example `max-read`. @default the key in kebab-case */
  readonly flag?: string;
  /** One letter that stands for the flag, for example `r` for `-r`. */
  readonly letter?: string;
  /** Flags that stand for this one with a value: `{ stdio: "stdio" }` makes `--stdio` mean `--transport stdio`. */
  readonly shortForms?: Readonly<Record<string, string>>;
  /** Environment variable. @default `BOTHWAYS_<SHORT>_<FLAG>`, for the kit's own options `BOTHWAYS_<FLAG>` */
  readonly env?: string;
  /** Variables read after `env`, in this order. */
  readonly furtherEnv?: readonly string[];
  /** True for a kit option that is also read from `BOTHWAYS_<SHORT>_<FLAG>`, which then wins over `env`. */
  readonly perServer?: boolean;
  /** True when bare arguments fill it. At most one option of a server; a list takes all of them. */
  readonly positional?: boolean;
  /**
   * For lists. True: each use of the flag is one item, commas included. False: each use is a list with commas. The flag
   * may repeat either way. The environment gives a path list (lists of `path()`) or commas; commas inside braces do
   * not separate.
   */
  readonly multiple?: boolean;
  /** True when the value must never come from a flag nor appear in any output. */
  readonly secret?: boolean;
  /** True for overrides of a safety rule and for requests such as `--help`: environment and file cannot give them. */
  readonly flagOnly?: boolean;
  /** A value that means "not said here": the next source is asked, as for `auto`. */
  readonly neutral?: string;
  /** Said on standard error at every start at which a boolean option is on. */
  readonly warning?: string;
  /** Text of one value for humans where the schema's kind does not tell, for example `<dir>[:ro|:rw]`. */
  readonly placeholder?: string;
  /** One line for `--help` and the README. */
  readonly describe: string;
}

const sources = new WeakMap<z.core.$ZodType, OptionSource>();

/**
 * Attaches to a schema how its value is given.
 *
 * Kinds are the schemas of `options/kinds.ts` (`bytes()`, `duration()`, `path()`, `list()`) and zod's string, number,
 * boolean, enum and array of these, with `.default()` or `.optional()` where the option may be left out. Wrap last:
 * a schema derived from the result (`.optional()`, `.describe()`, …) is another schema and has no source.
 *
 * @returns The same schema.
 */
export function option<Schema extends z.ZodType>(schema: Schema, source: OptionSource): Schema {
  sources.set(schema, source);
  return schema;
}

/** The source attached by `option`, if any. */
export function optionSource(schema: z.core.$ZodType): OptionSource | undefined {
  return sources.get(schema);
}

/** Values of the fields of a schema that were declared secret, as text. */
export function secretValues(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  values: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(shape).flatMap(([key, field]) =>
    optionSource(field)?.secret === true && values[key] !== undefined ? [values[key]].flat().map(String) : [],
  );
}
