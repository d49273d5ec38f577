import { z } from "zod";

/** Largest count any tool takes; keeps the listed schemas free of the limits of floating point. */
const maxCount = 1e9;

export const pathInput = z.string();
export const directoryInput = z.string().default(".");
export const cursorInput = z.string().max(8192).optional().describe("nextCursor of the page before");

/** A whole number from `least`. */
export function count(least: number, most: number = maxCount): z.ZodInt {
  return z.int().min(least).max(most);
}

export const etagInput = z.string().max(200).optional().describe("etag or sha256:… the file must have");
