import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { KitError } from "@bothways/kit";
import type * as yaml from "yaml";
import { z } from "zod";
import { gate } from "./gate.ts";
import { databaseName } from "./names.ts";
import { hasPositionalParameters, parameterNames } from "./params.ts";

const maxFileBytes = 1_048_576;
const toolName = /^[a-z][a-z0-9_]{0,47}$/;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const param = z.strictObject({
  type: z.enum(["string", "integer", "number", "boolean", "blob"]),
  description: z.string().max(1000).optional(),
  enum: z.array(scalar).min(1).max(200).optional(),
  default: scalar.nullable().optional(),
  required: z.boolean().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const entry = z.strictObject({
  title: z.string().min(1).max(200).optional(),
  description: z.string().min(1).max(2000),
  database: z.string().min(1).optional(),
  sql: z.string().min(1),
  params: z.record(z.string(), param).default({}),
  mode: z.enum(["read", "write"]).default("read"),
});
const file = z.strictObject({ queries: z.record(z.string(), entry) });

/** One parameter of a saved query. */
export type SavedParam = z.output<typeof param>;

/** A saved query: its SQL has passed the gate and its parameters are all declared. */
export interface SavedQuery extends z.output<typeof entry> {
  /** Name of its tool. */
  readonly name: string;
}

/** What the file is checked against. */
export interface SavedQueryRules {
  /** Names that are taken by other tools. */
  readonly taken: ReadonlySet<string>;
  /** Configured databases; the first one is the default. */
  readonly databases: readonly string[];
  /** True when databases may also be named by a path below a directory. */
  readonly anyDatabase: boolean;
  readonly maxSql: number;
}

/**
 * Reads the file of `--queries`.
 *
 * @throws {KitError} `ERR_CONFIG_UNREADABLE` when it cannot be read, `ERR_OPTION_INVALID` naming the entry.
 */
export function readSavedQueries(path: string, rules: SavedQueryRules): SavedQuery[] {
  let text: string;
  try {
    if (statSync(path).size > maxFileBytes)
      throw new KitError("ERR_CONFIG_UNREADABLE", "--queries: the file is over 1 MiB.");
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof KitError) throw error;
    throw new KitError("ERR_CONFIG_UNREADABLE", "--queries: the file cannot be read; check the path.", {
      cause: error,
    });
  }
  return parseSavedQueries(text, rules);
}

/**
 * Parses and checks saved queries; YAML or JSON.
 *
 * @throws {KitError} `ERR_OPTION_INVALID`, naming the entry and what to change.
 */
export function parseSavedQueries(text: string, rules: SavedQueryRules): SavedQuery[] {
  const parsed = file.safeParse(parseYaml(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "is malformed");
  }
  return Object.entries(parsed.data.queries).map(([name, query]) => checked({ name, ...query }, rules));
}

function parseYaml(text: string): unknown {
  // Loaded only with --queries; `require` because options are checked before anything asynchronous starts.
  const { parse } = createRequire(import.meta.url)("yaml") as typeof yaml; // `require` is untyped.
  try {
    return parse(text, { maxAliasCount: 20, logLevel: "error" }) as unknown; // `parse` is typed as any.
  } catch (error) {
    throw new KitError("ERR_OPTION_INVALID", `--queries: not valid YAML or JSON (${firstLine(error)}).`, {
      cause: error,
    });
  }
}

function checked(query: SavedQuery, rules: SavedQueryRules): SavedQuery {
  const { name, mode, database } = query;
  if (!toolName.test(name)) throw invalid(name, `the name must match ${toolName.source}`);
  if (rules.taken.has(name)) throw invalid(name, "the name belongs to another tool; choose another one");
  if (database === undefined ? rules.databases.length === 0 : !isKnown(database, rules)) {
    throw invalid(name, "database must be one of the configured databases");
  }
  const answer = gate(query.sql, mode, rules.maxSql);
  if (answer.kind === "refused") {
    const advice = answer.code === "NOT_READ_ONLY" || writeVerb.test(query.sql) ? " A write needs mode: write." : "";
    throw invalid(name, `${answer.code}: ${answer.sentence}${advice}`);
  }
  checkParams(query, answer.sql);
  return { ...query, sql: answer.sql };
}

const writeVerb = /^\s*(insert|update|delete|replace)\b/i;

function isKnown(database: string, { databases, anyDatabase }: SavedQueryRules): boolean {
  return databases.includes(database) || (anyDatabase && !databaseName.test(database));
}

function checkParams({ name, params }: SavedQuery, sql: string): void {
  if (hasPositionalParameters(sql))
    throw invalid(name, "? parameters have no name; write :name and declare it in params");
  const used = parameterNames(sql);
  const undeclared = used.find((key) => !Object.hasOwn(params, key));
  if (undeclared !== undefined) throw invalid(name, `:${undeclared} is not declared in params`);
  for (const [key, declared] of Object.entries(params)) {
    if (!used.includes(key)) throw invalid(name, `params.${key} is not used in the SQL`);
    if ((declared.minimum ?? declared.maximum) !== undefined && !["integer", "number"].includes(declared.type)) {
      throw invalid(name, `params.${key}: minimum and maximum are for integer and number`);
    }
    const fallback = declared.default ?? undefined;
    const values = [...(declared.enum ?? []), ...(fallback === undefined ? [] : [fallback])];
    if (values.some((value) => !fits(value, declared))) {
      throw invalid(name, `params.${key}: enum and default must be of type ${declared.type}, within its bounds`);
    }
    if (declared.enum && fallback !== undefined && !declared.enum.includes(fallback)) {
      throw invalid(name, `params.${key}: default must be one of enum`);
    }
  }
}

function fits(value: string | number | boolean, { type, minimum, maximum }: SavedParam): boolean {
  if (type === "boolean") return typeof value === "boolean";
  if (type === "string" || type === "blob") return typeof value === "string";
  if (typeof value !== "number" || (type === "integer" && !Number.isSafeInteger(value))) return false;
  return value >= (minimum ?? value) && value <= (maximum ?? value);
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "").replace(/:$/, "") : "";
}

function invalid(name: string, fact: string): KitError {
  return new KitError("ERR_OPTION_INVALID", `--queries: ${name.slice(0, 64)}: ${fact.replace(/\.$/, "")}.`);
}
