import { z } from "zod";
import { KitError } from "../errors.ts";
import type { Kind } from "./kind.ts";
import { defaultOf, kindOf } from "./kinds.ts";
import { type OptionSource, optionSource } from "./option.ts";

/** One option with everything that parsing, help and generated tables need to know. */
export interface OptionEntry {
  /** Field of the schema, and the key in a config file. */
  readonly key: string;
  /** Without dashes. */
  readonly flag: string;
  readonly letter: string | undefined;
  readonly shortForms: Readonly<Record<string, string>>;
  /** Variables that give it, strongest first; none for flag-only options. */
  readonly env: readonly string[];
  readonly kind: Kind;
  readonly positional: boolean;
  readonly multiple: boolean;
  readonly secret: boolean;
  readonly flagOnly: boolean;
  readonly neutral: string | undefined;
  readonly required: boolean;
  /** Undefined when there is none. */
  readonly default: unknown;
  readonly warning: string | undefined;
  readonly placeholder: string | undefined;
  readonly describe: string;
  readonly schema: z.core.$ZodType;
  /** Whose schema has the field; `both` when a server declares a kit option, such as `readOnly`, for itself too. */
  readonly owner: "kit" | "server" | "both";
}

/** All options of one bin: the server's first, in the order of their schemas. */
export interface Catalogue {
  /** The server's prefix of environment variables, `BOTHWAYS_<SHORT>_`. */
  readonly prefix: string;
  readonly entries: readonly OptionEntry[];
}

/**
 * Lists the options of a server and of the kit.
 *
 * @throws {KitError} `ERR_DEFINITION_INVALID` when a field was not made with `option()`, when two options share a flag
 * or a variable, or when more than one is positional.
 */
export function createCatalogue(short: string, serverSchema: z.ZodObject, kitSchema: z.ZodObject): Catalogue {
  const prefix = prefixOf(short);
  const kit = entriesOf(kitSchema, "kit", prefix);
  const server = entriesOf(serverSchema, "server", prefix).map((entry) => {
    const twin = kit.find((other) => other.key === entry.key && other.flag === entry.flag);
    return twin ? shared(entry, twin) : entry;
  });
  const taken = new Set(server.filter((entry) => entry.owner === "both").map((entry) => entry.key));
  const entries = [...server, ...kit.filter((entry) => !taken.has(entry.key))];
  assertDistinct(entries);
  return { prefix, entries };
}

/** How the environment variables of a server begin. */
export function prefixOf(short: string): string {
  return `BOTHWAYS_${constantCase(short)}_`;
}

/** The options of one schema alone, as tables and help sections show them. */
export function entriesOf(schema: z.ZodObject, owner: "kit" | "server", prefix: string): OptionEntry[] {
  const shape: z.core.$ZodShape = schema.shape;
  return Object.entries(shape).map(([key, field]) => {
    const source = optionSource(field);
    if (!source) throw invalid(`option "${key}" was not made with option()`);
    return entryOf(key, field, source, owner, prefix);
  });
}

function entryOf(
  key: string,
  schema: z.core.$ZodType,
  source: OptionSource,
  owner: "kit" | "server",
  prefix: string,
): OptionEntry {
  const flag = source.flag ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const name = constantCase(flag);
  const ownEnv = source.env ?? `${owner === "kit" ? "BOTHWAYS_" : prefix}${name}`;
  const env = [...(source.perServer ? [`${prefix}${name}`] : []), ownEnv, ...(source.furtherEnv ?? [])];
  return {
    key,
    flag,
    letter: source.letter,
    shortForms: source.shortForms ?? {},
    env: source.flagOnly ? [] : env,
    kind: kindOf(schema),
    positional: source.positional ?? false,
    multiple: source.multiple ?? false,
    secret: source.secret ?? false,
    flagOnly: source.flagOnly ?? false,
    neutral: source.neutral,
    required: !z.safeParse(schema, undefined).success,
    default: defaultOf(schema),
    warning: source.warning,
    placeholder: source.placeholder,
    describe: source.describe,
    schema,
    owner,
  };
}

/** One value for both schemas: the server's declaration is shown, the variables of both are read. */
function shared(server: OptionEntry, kit: OptionEntry): OptionEntry {
  if (server.kind.type !== kit.kind.type) {
    throw invalid(`option "${server.key}" is the kit's and must be of kind ${kit.kind.type}`);
  }
  return { ...server, env: [...new Set([...server.env, ...kit.env])], owner: "both" };
}

function assertDistinct(entries: readonly OptionEntry[]): void {
  const positional = entries.filter((entry) => entry.positional);
  if (positional.length > 1) throw invalid(`${positional.map((entry) => entry.key).join(" and ")} are both positional`);
  const seen = new Set<string>();
  for (const entry of entries) {
    for (const name of [entry.key, ...flagNames(entry), ...entry.env].filter(unique)) {
      if (seen.has(name)) throw invalid(`"${name}" belongs to two options`);
      seen.add(name);
    }
  }
}

/** Every spelling of the flag as it is typed, the negative one included. */
export function flagNames(entry: OptionEntry): string[] {
  return [
    `--${entry.flag}`,
    ...(entry.kind.type === "boolean" ? [`--no-${entry.flag}`] : []),
    ...Object.keys(entry.shortForms).map((name) => `--${name}`),
    ...(entry.letter === undefined ? [] : [`-${entry.letter}`]),
  ];
}

function unique<Item>(item: Item, index: number, items: readonly Item[]): boolean {
  return items.indexOf(item) === index;
}

function constantCase(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

function invalid(fact: string): KitError {
  return new KitError("ERR_DEFINITION_INVALID", `Invalid server definition: ${fact}.`);
}
