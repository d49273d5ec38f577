import { z } from "zod";
import { KitError } from "../errors.ts";
import { type DurationUnit, expectation, type Kind, longestTimer } from "./kind.ts";

/** A schema that reads text such as `10s` and yields a number; a number passes unchanged. */
export type MeasureSchema = z.ZodType<number, number | string>;

/** Bounds of a measure, both inclusive. */
export interface MeasureLimits {
  /** @default 0 */
  readonly min?: number;
  /** @default the largest value the kind can hold */
  readonly max?: number;
}

const milliseconds: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);
const kinds: z.core.$ZodRegistry<{ kind: Kind }> = z.registry();

/**
 * A size in bytes: `65536`, `64kb`, `64KiB`, `1m`, `1mb`, `1MiB`, `2g`; letter case does not matter.
 *
 * `k`, `kb` and `kib` all mean 1024, as in nginx and most Node programs; there is no decimal unit.
 */
export function bytes(limits: MeasureLimits = {}): MeasureSchema {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = limits;
  return measure({ type: "bytes", minimum: min, maximum: max }, readBytes);
}

/**
 * A duration, in milliseconds once read: `500ms`, `10s`, `5m`, `2h`.
 *
 * @param options `plain`: the unit of a number without one; without it such a number is refused, except 0.
 * The default of `max` is 2147483647, the longest a timer can wait.
 */
export function duration(options: MeasureLimits & { readonly plain?: DurationUnit } = {}): MeasureSchema {
  const { min = 0, max = longestTimer, plain } = options;
  return measure({ type: "duration", minimum: min, maximum: max, plain }, readDuration(plain));
}

/** A file system path, not empty and without NUL. In the environment a list of these is a path list. */
export function path(): z.ZodString {
  const schema = z
    .string()
    .min(1)
    .regex(/^[^\0]*$/, "a path cannot hold a NUL character");
  return schema.register(kinds, { kind: { type: "path" } });
}

/** A list of values of one kind. */
export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item);
}

/**
 * The kind of a schema, found through defaults, optionals, transforms and pipes.
 *
 * @throws {KitError} `ERR_DEFINITION_INVALID` for a schema that text cannot fill, such as an object.
 */
export function kindOf(schema: z.core.$ZodType): Kind {
  const registered = kinds.get(schema);
  if (registered) return registered.kind;
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return { type: "string" };
  if (schema instanceof z.ZodBoolean) return { type: "boolean" };
  if (schema instanceof z.ZodNumber) return numberKind(schema);
  if (schema instanceof z.ZodEnum) return { type: "enum", values: schema.options.map(String) };
  if (schema instanceof z.ZodArray) return { type: "list", item: kindOf(schema.element) };
  if (schema instanceof z.ZodPipe) return kindOf(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  const inner = unwrapped(schema);
  if (inner) return kindOf(inner);
  throw new KitError(
    "ERR_DEFINITION_INVALID",
    "An option's schema must be one that text can fill: string, number, boolean, enum, a kind of the kit, or a list.",
  );
}

/** The value of an option that nobody gave, undefined when it has none. */
export function defaultOf(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  const inner = schema instanceof z.ZodPipe ? schema.in : unwrapped(schema);
  return inner ? defaultOf(inner) : undefined;
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const isWrapper =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch;
  return isWrapper ? schema.def.innerType : undefined;
}

function numberKind(schema: z.ZodNumber): Kind {
  return {
    type: "number",
    whole: schema.isInt,
    minimum: schema.minValue ?? Number.NEGATIVE_INFINITY,
    maximum: schema.maxValue ?? Number.POSITIVE_INFINITY,
  };
}

function measure(
  kind: Extract<Kind, { type: "bytes" | "duration" }>,
  read: (given: string | number) => number | undefined,
): MeasureSchema {
  const schema = z.union([z.string(), z.number()]).transform((given, context) => {
    const value = read(given);
    if (value !== undefined && value >= kind.minimum && value <= kind.maximum) return value;
    context.addIssue({ code: "custom", message: `expected ${expectation(kind)}` });
    return z.NEVER;
  });
  return schema.register(kinds, { kind });
}

function readBytes(given: string | number): number | undefined {
  if (typeof given === "number") return Number.isSafeInteger(given) ? given : undefined;
  const match = /^(\d{1,16})(?:([kmg])(?:i?b)?|b)?$/i.exec(given);
  if (!match) return undefined;
  const [, digits = "", unit = ""] = match;
  return Number(digits) * 1024 ** " kmg".indexOf(unit.toLowerCase() || " ");
}

function readDuration(plain: DurationUnit | undefined): (given: string | number) => number | undefined {
  return (given) => {
    // A number is a value that was read before (a default, an option of `serve`), hence in milliseconds.
    if (typeof given === "number") return Number.isSafeInteger(given) ? given : undefined;
    const match = /^(\d{1,16})(ms|s|m|h)?$/.exec(given);
    if (!match) return undefined;
    const [, digits = "", unit = plain ?? ""] = match;
    // Nothing at all lasts equally long in every unit.
    return Number(digits) * (milliseconds.get(unit) ?? (Number(digits) === 0 ? 1 : Number.NaN));
  };
}
