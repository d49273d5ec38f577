import { KitError } from "../errors.ts";
import type { Catalogue, OptionEntry } from "./catalogue.ts";
import { nearest } from "./nearest.ts";
import type { Given, GivenValues } from "./origin.ts";
import { quoteName } from "./quote.ts";
import { splitFlagValue } from "./split.ts";

/** Hands over the text of a config file; throws as `fs` does. */
export type ReadConfigFile = (path: string) => string;

/**
 * Reads a config file: one JSON object, keys as in the schemas (`maxBody`) or as flags (`max-body`).
 *
 * `$schema` is allowed and ignored, for editors.
 *
 * @throws {KitError} `ERR_CONFIG_UNREADABLE`, `ERR_OPTION_UNKNOWN` for a key, `ERR_OPTION_INVALID` for one that only a
 * flag may give, `ERR_OPTION_CONFLICT` for an option that stands there under both names. Never quotes the file.
 */
export function readConfig(path: string, readConfigFile: ReadConfigFile, catalogue: Catalogue): GivenValues {
  const file = quoteName(path);
  const content = parseObject(file, readText(file, path, readConfigFile));
  const names = new Map(
    catalogue.entries.flatMap((entry) => [[entry.flag, entry] as const, [entry.key, entry] as const]),
  );
  const given = new Map<string, Given>();
  for (const [name, value] of Object.entries(content)) {
    if (name === "$schema") continue;
    const label = `${file}: ${quoteName(name)}`;
    const entry = names.get(name);
    if (!entry) throw unknownKey(label, name, names.keys());
    if (entry.flagOnly || entry.key === "config") throw notHere(label, entry);
    if (given.has(entry.key)) {
      throw new KitError(
        "ERR_OPTION_CONFLICT",
        `${label} is there a second time under its other name; keep one of them.`,
      );
    }
    given.set(entry.key, { origin: { kind: "file", name: label }, value: listOr(value, entry) });
  }
  return given;
}

function readText(file: string, path: string, readConfigFile: ReadConfigFile): string {
  try {
    return readConfigFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
    throw new KitError("ERR_CONFIG_UNREADABLE", `Cannot read the config file ${file}${code}; check --config.`, {
      cause,
    });
  }
}

function parseObject(file: string, text: string): object {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // The parser's own message quotes the file, which may hold secrets; the position says enough.
    const reason = error instanceof Error ? error.message : "";
    const place = /line \d+ column \d+/.exec(reason) ?? /position \d+/.exec(reason);
    const where = place ? ` at ${place[0]}` : "";
    throw new KitError("ERR_CONFIG_UNREADABLE", `${file} is not valid JSON${where}; expected one object.`);
  }
  if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
  throw new KitError(
    "ERR_CONFIG_UNREADABLE",
    `${file} does not hold a JSON object of options; expected {"port": 3001}.`,
  );
}

function listOr(value: unknown, entry: OptionEntry): unknown {
  return entry.kind.type === "list" && typeof value === "string" ? splitFlagValue(value, entry) : value;
}

function unknownKey(label: string, name: string, known: Iterable<string>): KitError {
  const meant = nearest(name, known);
  const advice = meant === undefined ? "--help lists all options." : `did you mean ${meant}?`;
  return new KitError("ERR_OPTION_UNKNOWN", `${label} is not an option; ${advice}`);
}

function notHere(label: string, entry: OptionEntry): KitError {
  return new KitError("ERR_OPTION_INVALID", `${label} cannot be set in a file; give --${entry.flag} as a flag.`);
}
