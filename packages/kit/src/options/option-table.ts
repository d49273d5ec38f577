import type { z } from "zod";
import { entriesOf, type OptionEntry, prefixOf } from "./catalogue.ts";
import { formatValue, placeholder } from "./kind.ts";

/** One option as text, ready for a table cell; empty where there is nothing to say. */
export interface OptionRow {
  /** All spellings with the shape of a value: `-r, --repository <path>`. */
  readonly flag: string;
  /** Variables, strongest first, separated by commas. */
  readonly env: string;
  readonly default: string;
  readonly describe: string;
}

/**
 * The options of a schema in its order, as README tables and `--help` show them.
 *
 * @param owner Whose schema it is; decides the names of variables.
 */
export function optionTable(schema: z.ZodObject, short: string, owner: "kit" | "server" = "server"): OptionRow[] {
  return entriesOf(schema, owner, prefixOf(short)).map(optionRow);
}

/** One option as text. */
export function optionRow(entry: OptionEntry): OptionRow {
  return {
    flag: entry.secret ? "" : spellings(entry),
    env: entry.env.join(", "),
    default: entry.secret || entry.flagOnly ? "" : defaultText(entry),
    describe: oneLine(`${entry.describe}${entry.secret ? " (from the environment or the config file only)" : ""}`),
  };
}

/** Shape of one value; a positional without its own shape is named for its flag. */
export function shapeOf(entry: OptionEntry): string {
  return entry.placeholder ?? (entry.positional ? `<${entry.flag}>` : placeholder(entry.kind));
}

function spellings(entry: OptionEntry): string {
  const letter = entry.letter === undefined ? [] : [`-${entry.letter}`];
  const isOnByDefault = entry.kind.type === "boolean" && entry.default === true;
  const flags = [...letter, `--${entry.flag}`, ...(isOnByDefault ? [`--no-${entry.flag}`] : [])].join(", ");
  const shape = shapeOf(entry);
  return shape === "" ? flags : `${flags} ${shape}`;
}

function defaultText(entry: OptionEntry): string {
  if (entry.kind.type === "boolean") return entry.default === true ? "on" : "off";
  return entry.default === undefined ? "" : oneLine(formatValue(entry.kind, entry.default));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
