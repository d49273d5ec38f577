import { z } from "zod";

/** The measured tool: sends back what it was sent. */
export const echoInput = z.object({ text: z.string().describe("Text to send back.") });
export const echoOutput = z.object({ text: z.string() });
export const echoDescription = "The text that was sent. Use it to measure a round trip.";

/** A second tool whose answer is short whatever it is sent. */
export const countInput = z.object({ text: z.string().describe("Text to count.") });
export const countOutput = z.object({ length: z.number() });
export const countDescription = "Number of UTF-16 units in a text. Use it to send much and receive little.";

export const hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

/** A tool that exists only so that a server has many. */
export interface Filler {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
}

const fillerInput = z.object({
  path: z.string().min(1).describe("Name exactly as the list tool returned it."),
  limit: z.number().int().min(1).max(1000).default(100).describe("Entries at most."),
  order: z.enum(["name", "size", "date"]).optional().describe("What to sort by."),
  filters: z.array(z.object({ field: z.string(), equals: z.union([z.string(), z.number()]) })).optional(),
});

/** How many tools a side was asked to offer. */
export function toolCountOf(env: Readonly<Record<string, string | undefined>>): number {
  return Number(env["BENCH_TOOLS"] ?? 1);
}

/** Tools beside `echo` and `count`, each with a schema of its own, as in a real server. */
export function fillersFor(toolCount: number): readonly Filler[] {
  return Array.from({ length: Math.max(0, toolCount - 2) }, (_, index) => ({
    name: `list_things_${index + 1}`,
    title: `List things ${index + 1}`,
    description: `Entries of collection ${index + 1}, sorted and cut to the limit. Call list_collections first for names.`,
    input: fillerInput.extend({
      cursor: z
        .string()
        .optional()
        .describe(`Cursor of collection ${index + 1}.`),
    }),
  }));
}
