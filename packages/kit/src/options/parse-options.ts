import type { z } from "zod";
import { hasFlag, readArguments } from "./arguments.ts";
import { type Catalogue, createCatalogue, flagNames, type OptionEntry } from "./catalogue.ts";
import { type ReadConfigFile, readConfig } from "./config-file.ts";
import { type Environment, readEnvironment, unknownVariables } from "./environment.ts";
import type { KitOptions, KitSchema } from "./kit-options.ts";
import type { Given, GivenValues, OptionOrigin } from "./origin.ts";
import { assertValue, inputOf, readValues } from "./read-values.ts";

/** Everything that decides the options of one run; nothing else is consulted. */
export interface OptionInput<ServerSchema extends z.ZodObject> {
  /** `short` of the server definition: the middle of its environment variables. */
  readonly short: string;
  readonly serverSchema: ServerSchema;
  /** From `createKitSchema`. */
  readonly kitSchema: KitSchema;
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Called at most once, with the path as it was given. */
  readonly readConfigFile: ReadConfigFile;
}

/** What a command line asks for. */
export type ParsedOptions<ServerSchema extends z.ZodObject> =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly kit: KitOptions;
      readonly server: z.output<ServerSchema>;
      /** The server's options before its schema transformed them, as `serve` takes them. */
      readonly serverInput: z.input<ServerSchema>;
      /** Origin of every option by key, kit and server together. */
      readonly sources: ReadonlyMap<string, OptionOrigin>;
      readonly explain: boolean;
      /** Values that must not appear in any output, for the logger's redaction. */
      readonly secrets: readonly string[];
      /** Sentences for standard error; the run goes on. */
      readonly warnings: readonly string[];
    };

/**
 * Decides every option of the kit and the server: flag, else environment, else config file, else default.
 *
 * Pure: the same input gives the same answer. `--help` and `--version` are answered even beside mistakes. Of flag and
 * environment only the winner is checked; a config file is checked whole.
 *
 * @throws {KitError} `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID`, `ERR_OPTION_MISSING`, `ERR_OPTION_CONFLICT` or
 * `ERR_CONFIG_UNREADABLE`; one sentence that names the flag, variable or file key and the nearest valid name.
 */
export function parseOptions<ServerSchema extends z.ZodObject>(
  input: OptionInput<ServerSchema>,
): ParsedOptions<ServerSchema> {
  const catalogue = createCatalogue(input.short, input.serverSchema, input.kitSchema);
  for (const kind of ["help", "version"] as const) {
    const entry = catalogue.entries.find((candidate) => candidate.key === kind);
    if (entry && hasFlag(input.argv, flagNames(entry))) return { kind };
  }
  const given = collect(input, catalogue);
  const kitEntries = catalogue.entries.filter((entry) => entry.owner !== "server");
  const serverEntries = catalogue.entries.filter((entry) => entry.owner !== "kit");
  const kit: KitOptions = readValues(input.kitSchema, inputOf(kitEntries, given), kitEntries, given);
  const serverInput = inputOf(serverEntries, given);
  const server = readValues(input.serverSchema, serverInput, serverEntries, given);
  return {
    kind: "run",
    kit,
    server,
    // The schema's own parse has just accepted it.
    serverInput: serverInput as z.input<ServerSchema>,
    sources: originsOf(catalogue, given),
    explain: kit.explain,
    secrets: secretsOf(catalogue, given),
    warnings: [...overrideWarnings(kitEntries, given), ...unknownVariables(input.env, catalogue)],
  };
}

function collect(input: OptionInput<z.ZodObject>, catalogue: Catalogue): GivenValues {
  const flags = readArguments(input.argv, catalogue);
  const file = configOf(input, catalogue, flags);
  const winners = new Map<string, Given>();
  for (const entry of catalogue.entries) {
    const inFile = file.get(entry.key);
    const inOrder = [flags.get(entry.key), ...readEnvironment(input.env, entry), inFile].filter(isGiven);
    const winner = inOrder.find(({ value }) => entry.neutral === undefined || value !== entry.neutral);
    if (winner) winners.set(entry.key, winner);
    if (inFile && inFile !== winner) assertValue(entry, inFile);
  }
  return winners;
}

function configOf(input: OptionInput<z.ZodObject>, catalogue: Catalogue, flags: GivenValues): GivenValues {
  const entry = catalogue.entries.find((candidate) => candidate.key === "config");
  const given = entry && (flags.get(entry.key) ?? readEnvironment(input.env, entry)[0]);
  if (!entry || !given) return new Map();
  assertValue(entry, given);
  return readConfig(String(given.value), input.readConfigFile, catalogue);
}

function originsOf(catalogue: Catalogue, given: GivenValues): ReadonlyMap<string, OptionOrigin> {
  const fallback: OptionOrigin = { kind: "default", name: "default" };
  return new Map(catalogue.entries.map((entry) => [entry.key, given.get(entry.key)?.origin ?? fallback]));
}

function secretsOf(catalogue: Catalogue, given: GivenValues): string[] {
  return catalogue.entries
    .filter((entry: OptionEntry) => entry.secret)
    .flatMap((entry) => given.get(entry.key)?.value ?? [])
    .map(String);
}

function overrideWarnings(entries: readonly OptionEntry[], given: GivenValues): string[] {
  return entries.flatMap(({ key, warning }) =>
    warning !== undefined && given.get(key)?.value === true ? warning : [],
  );
}

function isGiven(given: Given | undefined): given is Given {
  return given !== undefined;
}
