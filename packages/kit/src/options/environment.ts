import type { Catalogue, OptionEntry } from "./catalogue.ts";
import { nearest } from "./nearest.ts";
import type { Given } from "./origin.ts";
import { quoteName } from "./quote.ts";
import { splitEnvironmentValue } from "./split.ts";

/** Environment variables as values; an empty value counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = "BOTHWAYS_";
/** The other servers of this family, whose variables live in the same environment and are none of ours. */
const familyPrefixes = ["BOTHWAYS_FS_", "BOTHWAYS_GIT_", "BOTHWAYS_SQLITE_", "BOTHWAYS_ANALYTICS_", "BOTHWAYS_TEST_"];
/** Variables that are read elsewhere than as options. */
const otherVariables = ["BOTHWAYS_TOKEN", "BOTHWAYS_STATE_KEY", "BOTHWAYS_TIMING"];

/** The value of a variable, undefined when it is unset or empty. */
export function variable(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

/** What the environment says about an option, strongest variable first; several when the first is neutral. */
export function readEnvironment(env: Environment, entry: OptionEntry): Given[] {
  return entry.env.flatMap((name) => {
    const text = variable(env, name);
    if (text === undefined) return [];
    const value = entry.kind.type === "list" ? splitEnvironmentValue(text, entry) : text;
    return [{ origin: { kind: "environment", name }, value }];
  });
}

/**
 * One sentence for each `BOTHWAYS_*` variable that nothing reads.
 *
 * Warnings only: servers of several kinds and versions share an environment.
 */
export function unknownVariables(env: Environment, catalogue: Catalogue): string[] {
  const known = new Set([...catalogue.entries.flatMap((entry) => entry.env), ...otherVariables]);
  const foreign = familyPrefixes.filter((other) => other !== catalogue.prefix);
  // A client's token for this server, which may sit beside a server started from the same shell.
  known.add(`${catalogue.prefix}TOKEN`);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && variable(env, name) !== undefined)
    .filter((name) => !known.has(name) && !foreign.some((other) => name.startsWith(other)))
    .map((name) => warning(name, catalogue, known));
}

function warning(name: string, catalogue: Catalogue, known: Iterable<string>): string {
  const flagOnly = catalogue.entries.find(
    (entry) => entry.flagOnly && name === `${prefix}${entry.flag.toUpperCase().replaceAll("-", "_")}`,
  );
  if (flagOnly) return `${name} is ignored: --${flagOnly.flag} is accepted as a flag only.`;
  const meant = nearest(name, known);
  return `${quoteName(name)} is ignored: no such variable${meant === undefined ? "." : `; did you mean ${meant}?`}`;
}
