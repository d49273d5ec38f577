/**
 * Turns the `params` of a call into what SQLite binds. Runs inside the engine process; loads nothing of the kit.
 */
import { JobError } from "../engine/job-error.ts";
import { tokenize } from "./lexer.ts";

/** A value the driver can bind: big integers as INTEGER, numbers as REAL. */
type Bindable = null | bigint | number | string | Uint8Array;

/** Arguments for the driver: parameters without a name by position, the others by name without their sign. */
export interface Bindings {
  readonly positional: readonly Bindable[];
  readonly named: Readonly<Record<string, Bindable>> | undefined;
}

const none: Bindings = { positional: [], named: undefined };
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/**
 * Pairs the parameters of a statement with the values given.
 *
 * @param params An array for `?` and `?1`, an object for `:a`, `@a` and `$a`.
 * @throws {JobError} `INVALID_PARAMS`; names what is missing, left over or of no bindable kind.
 */
export function bindingsFor(sql: string, params: unknown): Bindings {
  const wanted = parametersOf(sql);
  if (params === undefined || params === null) {
    if (wanted.shown.length === 0) return none;
    throw invalid(
      `the statement has parameters (${listed(wanted.shown)}) and params is missing.`,
      wanted.named.size > 0,
    );
  }
  if (Array.isArray(params)) return bindArray(wanted, params);
  if (typeof params === "object") return bindObject(wanted, new Map<string, unknown>(Object.entries(params)));
  throw invalid("params is neither an array nor an object.", wanted.named.size > 0);
}

/** The arguments of a driver call such as `statement.iterate(...)`. */
export function driverArguments({ positional, named }: Bindings): unknown[] {
  return named === undefined ? [...positional] : [...positional, named];
}

/** Names of the parameters of a statement without their sign, in order of appearance; `?` and `?1` have none. */
export function parameterNames(sql: string): readonly string[] {
  return [...parametersOf(sql).named];
}

/** True when the statement has parameters that only an array can fill. */
export function hasPositionalParameters(sql: string): boolean {
  return parametersOf(sql).count > 0;
}

interface Wanted {
  /** Highest number of a `?` or `?N`. */
  readonly count: number;
  /** Numbers written as `?N`: the driver calls these names. */
  readonly numbered: ReadonlySet<number>;
  readonly named: ReadonlySet<string>;
  readonly shown: readonly string[];
}

function parametersOf(sql: string): Wanted {
  const numbered = new Set<number>();
  const named = new Set<string>();
  const shown: string[] = [];
  let count = 0;
  // Most statements without a sign need no tokens.
  const tokens = /[?:@$]/.test(sql) ? tokenize(sql) : [];
  for (const { kind, text } of tokens) {
    if (kind !== "parameter") continue;
    shown.push(text);
    if (!text.startsWith("?")) named.add(text.slice(1));
    else if (text === "?") count += 1;
    else {
      const number = Number(text.slice(1));
      numbered.add(number);
      count = Math.max(count, number);
    }
  }
  return { count, numbered, named, shown };
}

function bindArray(wanted: Wanted, values: readonly unknown[]): Bindings {
  if (wanted.named.size > 0) {
    throw invalid(`params is an array, but the statement names ${listed(wanted.shown)}.`, true);
  }
  if (values.length !== wanted.count) {
    const fact =
      values.length < wanted.count ? `parameter ${values.length + 1} is missing` : "there are too many values";
    throw invalid(`${fact}: the statement takes ${wanted.count}, params holds ${values.length}.`, false);
  }
  const positional: Bindable[] = [];
  const named: [string, Bindable][] = [];
  for (const [index, value] of values.entries()) {
    const bindable = toBindable(value, `params[${index}]`);
    if (wanted.numbered.has(index + 1)) named.push([String(index + 1), bindable]);
    else positional.push(bindable);
  }
  return { positional, named: wanted.numbered.size > 0 ? Object.fromEntries(named) : undefined };
}

function bindObject(wanted: Wanted, values: ReadonlyMap<string, unknown>): Bindings {
  if (wanted.count > 0) throw invalid("params is an object, but the statement has ? parameters.", false);
  const missing = [...wanted.named].filter((name) => !values.has(name));
  if (missing.length > 0) throw invalid(`no value for ${listed(missing)}.`, true);
  const surplus = [...values.keys()].filter((name) => !wanted.named.has(name));
  if (surplus.length > 0) throw invalid(`the statement has no parameter ${listed(surplus)}.`, true);
  if (wanted.named.size === 0) return none;
  // `fromEntries` defines keys, so that `__proto__` is a name like any other.
  return {
    positional: [],
    named: Object.fromEntries([...values].map(([name, value]) => [name, toBindable(value, name)])),
  };
}

function toBindable(value: unknown, where: string): Bindable {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  // A JavaScript number binds as REAL: 5 would be stored in a TEXT column as '5.0'.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "object") {
    const [entry, ...more] = Object.entries(value);
    if (entry?.[0] === "$int" && more.length === 0) return toInteger(entry[1], where);
    if (entry?.[0] === "$blob" && more.length === 0) return toBlob(entry[1], where);
  }
  throw invalid(`${shortName(where)} is no value SQLite can bind.`, true);
}

function toInteger(text: unknown, where: string): bigint {
  if (typeof text === "string" && /^-?[0-9]{1,20}$/.test(text)) {
    const integer = BigInt(text);
    if (integer >= int64.min && integer <= int64.max) return integer;
  }
  throw invalid(`$int of ${shortName(where)} is no decimal text within 64 bits.`, true);
}

function toBlob(text: unknown, where: string): Uint8Array {
  if (typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    const blob = Buffer.from(text, "base64");
    // `Buffer` passes over what it cannot read: only text that comes out again was base64.
    if (blob.toString("base64").replaceAll("=", "") === text.replaceAll("=", "")) return blob;
  }
  throw invalid(`$blob of ${shortName(where)} is not base64.`, true);
}

function invalid(sentence: string, byName: boolean): JobError {
  const shape = byName
    ? 'Give an object such as {"region": "north"} for :region, @region or $region'
    : 'Give an array such as [1, "north"], one value for each ?';
  return new JobError(
    "INVALID_PARAMS",
    sentence,
    `${shape}; values are null, true, false, numbers, texts, {"$int": "9223372036854775807"} or {"$blob": "<base64>"}.`,
  );
}

function listed(names: readonly string[]): string {
  const more = names.length > 10 ? `, … ${names.length - 10} more` : "";
  return names.slice(0, 10).map(shortName).join(", ") + more;
}

function shortName(name: string): string {
  return name.length > 64 ? `${name.slice(0, 63)}…` : name;
}
