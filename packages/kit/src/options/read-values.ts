import { z } from "zod";
import { KitError } from "../errors.ts";
import type { OptionEntry } from "./catalogue.ts";
import { expectation, type Kind } from "./kind.ts";
import type { Given, GivenValues } from "./origin.ts";
import { quote } from "./quote.ts";

/** Given text as the values that a schema takes: numbers, booleans, lists. What cannot be one stays as it is. */
export function inputOf(entries: readonly OptionEntry[], given: GivenValues): Record<string, unknown> {
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const found = given.get(entry.key);
      return found ? [[entry.key, nativeValue(entry.kind, found.value)]] : [];
    }),
  );
}

/**
 * Turns the input of a schema into its values, defaults filled in.
 *
 * @throws {KitError} `ERR_OPTION_INVALID` or `ERR_OPTION_MISSING`, naming the source; a secret's value is never shown.
 */
export function readValues<Schema extends z.ZodObject>(
  schema: Schema,
  input: Record<string, unknown>,
  entries: readonly OptionEntry[],
  given: GivenValues,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw firstError(parsed.error.issues, (key) => entries.find((entry) => entry.key === key), given);
}

/** Checks one value alone: a file is checked whole, also where a flag wins over it. */
export function assertValue(entry: OptionEntry, given: Given): void {
  const parsed = z.safeParse(entry.schema, nativeValue(entry.kind, given.value));
  if (parsed.success) return;
  throw valueError(entry, given, parsed.error.issues[0]);
}

function nativeValue(kind: Kind, value: unknown): unknown {
  if (kind.type === "list") return Array.isArray(value) ? value.map((item) => nativeValue(kind.item, item)) : value;
  // A bare number in a file is as ambiguous as in a flag: the schema must see that it has no unit.
  if (kind.type === "duration" && typeof value === "number") return String(value);
  if (kind.type === "boolean" && typeof value === "number") return words.get(String(value)) ?? value;
  if (typeof value !== "string") return value;
  if (kind.type === "boolean") return words.get(value.toLowerCase()) ?? value;
  if (kind.type === "number" && /^-?(0|[1-9]\d{0,20})(\.\d{1,20})?$/.test(value)) return Number(value);
  return value;
}

const words: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["no", false],
]);

function firstError(
  issues: readonly z.core.$ZodIssue[],
  find: (key: string) => OptionEntry | undefined,
  values: GivenValues,
): KitError {
  const [issue] = issues;
  const entry = find(String(issue?.path[0]));
  // A rule about several options together speaks for itself.
  if (!entry) return new KitError("ERR_OPTION_INVALID", sentence(issue?.message ?? "Invalid options"));
  const given = values.get(entry.key);
  if (given) return valueError(entry, given, issue);
  if (issue?.code === "custom")
    return new KitError("ERR_OPTION_INVALID", sentence(`--${entry.flag}: ${issue.message}`));
  return new KitError("ERR_OPTION_MISSING", `Missing ${waysToGive(entry)}: ${sentence(entry.describe)}`);
}

function valueError(entry: OptionEntry, given: Given, issue: z.core.$ZodIssue | undefined): KitError {
  const index = issue?.path.find((part) => typeof part === "number");
  const isItem = Array.isArray(given.value) && index !== undefined;
  const value: unknown = isItem && Array.isArray(given.value) ? given.value[index] : given.value;
  const got = entry.secret ? "" : `; got ${quote(value)}`;
  return new KitError("ERR_OPTION_INVALID", `${given.origin.name}: ${rule(entry, issue, isItem)}${got}.`);
}

function rule(entry: OptionEntry, issue: z.core.$ZodIssue | undefined, isItem: boolean): string {
  const kind = isItem && entry.kind.type === "list" ? entry.kind.item : entry.kind;
  // An author's message may quote the value it refuses.
  if (entry.secret && issue?.code === "custom") return "not an acceptable value";
  if (issue === undefined || issue.code === "invalid_type" || isBoundOf(kind, issue))
    return `expected ${expectation(kind)}`;
  return issue.message.replace(/\.$/, "");
}

/** True for issues about what the kind's own description already says, such as an inclusive bound. */
function isBoundOf(kind: Kind, issue: z.core.$ZodIssue): boolean {
  if (issue.code === "invalid_union") return true;
  if (kind.type === "enum") return issue.code === "invalid_value";
  return (
    kind.type === "number" && (issue.code === "too_small" || issue.code === "too_big") && issue.inclusive !== false
  );
}

function waysToGive(entry: OptionEntry): string {
  const shape = entry.placeholder ?? `<${entry.flag}>`;
  const [variable] = entry.env;
  if (entry.secret) return variable ?? entry.key;
  const first = entry.positional ? shape : `--${entry.flag}`;
  return variable === undefined ? first : `${first} (or ${variable})`;
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
