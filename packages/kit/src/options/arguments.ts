import { KitError } from "../errors.ts";
import { type Catalogue, flagNames, type OptionEntry } from "./catalogue.ts";
import { placeholder } from "./kind.ts";
import { nearest } from "./nearest.ts";
import type { Given, GivenValues } from "./origin.ts";
import { quote, quoteName } from "./quote.ts";
import { splitFlagValue } from "./split.ts";

/** One spelling of a flag and what it says: `fixed` spellings carry their value, such as `--no-x` and `--stdio`. */
interface Spelling {
  readonly entry: OptionEntry;
  readonly fixed: string | boolean | undefined;
}

/** True when one of these flags stands before `--`, wherever: a request for help is answered even beside a mistake. */
export function hasFlag(argv: readonly string[], names: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some((token) => names.includes(token));
}

/**
 * Reads flags and bare arguments: `--x v`, `--x=v`, `--no-x`, `-x v`; `--` ends flags.
 *
 * A value that begins with `-` is written `--x=-v`; only numbers may stand apart (`--x -1`).
 *
 * @throws {KitError} `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID`, or `ERR_OPTION_CONFLICT` for a repeated flag.
 */
export function readArguments(argv: readonly string[], catalogue: Catalogue): GivenValues {
  const spellings = spellingsOf(catalogue);
  const given = new Map<string, Given>();
  const bare: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const token = argv[index] ?? "";
    if (token === "--") {
      bare.push(...argv.slice(index + 1));
      break;
    }
    if (!token.startsWith("-") || token === "-") {
      bare.push(token);
      continue;
    }
    const name = token.split("=", 1)[0] ?? token;
    const spelling = spellings.get(name);
    if (!spelling) throw unknownFlag(name, suggestions(spellings));
    if (spelling.entry.secret) throw secretFlag(name, spelling.entry);
    const inline = token === name ? undefined : token.slice(name.length + 1);
    const apart =
      inline === undefined && spelling.fixed === undefined ? valueApart(argv[index + 1], spelling) : undefined;
    if (apart !== undefined) index += 1;
    put(given, spelling.entry, name, flagValue(name, spelling, inline ?? apart));
  }
  putBare(given, catalogue, bare, spellings);
  return given;
}

function spellingsOf(catalogue: Catalogue): ReadonlyMap<string, Spelling> {
  const spellings = new Map<string, Spelling>();
  for (const entry of catalogue.entries) {
    const on = entry.kind.type === "boolean" ? true : undefined;
    for (const name of flagNames(entry)) spellings.set(name, { entry, fixed: on });
    if (on) spellings.set(`--no-${entry.flag}`, { entry, fixed: false });
    for (const [name, value] of Object.entries(entry.shortForms)) spellings.set(`--${name}`, { entry, fixed: value });
  }
  return spellings;
}

/** A flag that is refused anyway is no advice. */
function suggestions(spellings: ReadonlyMap<string, Spelling>): string[] {
  return [...spellings].filter(([, { entry }]) => !entry.secret).map(([name]) => name);
}

function valueApart(next: string | undefined, { entry }: Spelling): string | undefined {
  if (next === undefined) return undefined;
  if (!next.startsWith("-") || next === "-") return next;
  const kind = entry.kind.type === "list" ? entry.kind.item : entry.kind;
  return kind.type === "number" && /^-\.?\d/.test(next) ? next : undefined;
}

function flagValue(name: string, { entry, fixed }: Spelling, text: string | undefined): unknown {
  // `--x=false` is a value like any other; only the spellings that already say one take none.
  if (fixed === true && text !== undefined) return text;
  if (fixed !== undefined) {
    if (text === undefined) return fixed;
    throw new KitError("ERR_OPTION_INVALID", `${name} takes no value; write it alone.`);
  }
  if (text !== undefined && text !== "") return entry.kind.type === "list" ? splitFlagValue(text, entry) : text;
  const shape = entry.placeholder ?? placeholder(entry.kind);
  throw new KitError(
    "ERR_OPTION_INVALID",
    `${name} needs a value: ${name} ${shape} (a value that begins with a dash is written ${name}=-value).`,
  );
}

function put(given: Map<string, Given>, entry: OptionEntry, name: string, value: unknown): void {
  const earlier = given.get(entry.key);
  if (!earlier) {
    given.set(entry.key, { origin: { kind: "flag", name }, value });
  } else if (Array.isArray(earlier.value) && Array.isArray(value)) {
    given.set(entry.key, { origin: earlier.origin, value: [...earlier.value, ...value] });
  } else {
    const fact =
      earlier.origin.name === name
        ? `${name} is given twice`
        : `${earlier.origin.name} and ${name} say the same option`;
    throw new KitError("ERR_OPTION_CONFLICT", `${fact}; keep one of them.`);
  }
}

function putBare(
  given: Map<string, Given>,
  catalogue: Catalogue,
  bare: readonly string[],
  spellings: ReadonlyMap<string, Spelling>,
): void {
  const entry = catalogue.entries.find((candidate) => candidate.positional);
  for (const [index, text] of bare.entries()) {
    if (!entry || (index > 0 && entry.kind.type !== "list")) throw unexpected(text, entry, suggestions(spellings));
    const shape = entry.placeholder ?? `<${entry.flag}>`;
    if (text === "") throw new KitError("ERR_OPTION_INVALID", `The argument ${shape} is empty; give it a value.`);
    put(given, entry, shape, entry.kind.type === "list" ? [text] : text);
  }
}

function unknownFlag(name: string, known: Iterable<string>): KitError {
  const meant = nearest(name, known);
  const advice = meant === undefined ? "--help lists all flags" : `did you mean ${meant}?`;
  return new KitError("ERR_OPTION_UNKNOWN", `Unknown flag ${quoteName(name)}; ${ended(advice)}`);
}

function unexpected(text: string, entry: OptionEntry | undefined, known: Iterable<string>): KitError {
  const meant = text.length > 1 ? nearest(`--${text}`, known) : undefined;
  const rule = entry ? `only one ${entry.placeholder ?? `<${entry.flag}>`} is taken` : "only flags are taken";
  const advice = meant === undefined ? "--help shows the usage" : `did you mean ${meant}?`;
  return new KitError("ERR_OPTION_UNKNOWN", `Unexpected argument ${quote(text)}: ${rule}; ${ended(advice)}`);
}

function secretFlag(name: string, entry: OptionEntry): KitError {
  const [variable = "the environment"] = entry.env;
  return new KitError(
    "ERR_OPTION_INVALID",
    `${name} holds a secret, which a flag would show in process lists; set ${variable} or "${entry.key}" in the config file.`,
  );
}

function ended(sentence: string): string {
  return sentence.endsWith("?") ? sentence : `${sentence}.`;
}
