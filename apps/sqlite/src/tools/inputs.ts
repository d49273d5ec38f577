import { z } from "zod";

/** Arguments that several tools share; built once. */

/** Left out of the schema by servers with exactly one database. */
export const database = z.string().min(1).optional().describe("Name from list_databases.");

export const query = z.string().describe("One SQL statement.");

/**
 * Kept as it came: a key may be `__proto__`, and the engine says `INVALID_PARAMS` with more words than a schema.
 */
export const params = z
  .unknown()
  .optional()
  .meta({
    anyOf: [
      { type: "array", items: {} },
      { type: "object", additionalProperties: {} },
    ],
    description: 'Values for ? (array) or :name (object); {"$int":"…"} and {"$blob":"<base64>"} for what JSON lacks.',
  });

export const timeoutMs = z.number().int().min(1).optional().describe("Shortens the server's deadline.");

export const dryRun = z.boolean().default(false).describe("Do the work, report it, roll back.");

export const maxAffectedRows = z
  .number()
  .int()
  .min(1)
  .optional()
  .describe("Rolls back if more rows would change; only lowers the server's ceiling.");

export const tableName = z.string().min(1).describe("Exactly as list_tables returned it.");
