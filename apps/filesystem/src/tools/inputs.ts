import { z } from "zod";

/** Whole numbers and switches are declared so that their listed schemas stay short: a model pays for every byte. */

/** A whole number from `least`; the largest safe integer is no limit worth listing. */
export function count(least: number, most?: number): z.ZodNumber {
  const schema = z.number().min(least).refine(Number.isSafeInteger, "expected a whole number");
  return (most === undefined ? schema : schema.max(most)).meta({ type: "integer" });
}

/** A switch that is off unless it is given. */
export const flag: z.ZodType<boolean, boolean | undefined> = z
  .boolean()
  .optional()
  .transform((given) => given ?? false);

export const pathInput: z.ZodString = z.string();
export const directoryInput: z.ZodDefault<z.ZodString> = z.string().default(".");
/** Explained where it is met first: `nextCursor` of the page before. */
export const cursorInput: z.ZodOptional<z.ZodString> = z.string().optional();
/** Explained where it is met first: an etag, or `sha256:` and a hash, that the file must have. */
export const etagInput: z.ZodOptional<z.ZodString> = z.string().max(200).optional();

/**
 * The shape of an answer; further fields are left open, so that one may be added later. That all of the named ones
 * are always there, unless they are optional, is checked here and costs no bytes there.
 */
export function answer<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z
    .object(shape)
    .meta({ additionalProperties: undefined, required: "content" in shape ? ["content"] : undefined });
}
