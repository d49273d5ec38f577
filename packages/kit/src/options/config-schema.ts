import type { z } from "zod";
import { createCatalogue, type OptionEntry } from "./catalogue.ts";
import { formatValue, type Kind } from "./kind.ts";
import type { KitSchema } from "./kit-options.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema (2020-12) of a server's config file, for editors; `"$schema"` in the file may point to it.
 *
 * Every option stands there under its key and, where that differs, under its flag's name.
 */
export function configJsonSchema(
  server: { readonly name: string; readonly short: string; readonly options: z.ZodObject },
  kitSchema: KitSchema,
): JsonSchema {
  const { entries } = createCatalogue(server.short, server.options, kitSchema);
  const inFile = entries.filter((entry) => !entry.flagOnly && entry.key !== "config");
  const properties = inFile.flatMap((entry): [string, JsonSchema][] => {
    const schema = propertyOf(entry);
    return entry.flag === entry.key
      ? [[entry.key, schema]]
      : [
          [entry.key, schema],
          [entry.flag, schema],
        ];
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Config file of ${server.name}`,
    type: "object",
    properties: { $schema: { type: "string" }, ...Object.fromEntries(properties) },
    additionalProperties: false,
  };
}

function propertyOf(entry: OptionEntry): JsonSchema {
  const hasDefault = entry.default !== undefined && !entry.secret;
  return {
    description: entry.describe,
    ...schemaOf(entry.kind, entry.multiple),
    ...(hasDefault && {
      default: entry.kind.type === "duration" ? formatValue(entry.kind, entry.default) : entry.default,
    }),
  };
}

function schemaOf(kind: Kind, multiple: boolean): JsonSchema {
  switch (kind.type) {
    case "string":
      return { type: "string" };
    case "path":
      return { type: "string", minLength: 1 };
    case "boolean":
      return { type: "boolean" };
    case "enum":
      return { enum: kind.values };
    case "number":
      return { type: kind.whole ? "integer" : "number", ...bounds(kind) };
    case "bytes":
      return {
        anyOf: [
          { type: "integer", ...bounds(kind) },
          { type: "string", pattern: "^\\d+([kKmMgG]([iI]?[bB])?|[bB])?$" },
        ],
      };
    case "duration":
      return { type: kind.plain ? ["string", "integer"] : "string", pattern: "^(\\d+(ms|s|m|h)|0)$" };
    case "list":
      return {
        anyOf: [
          { type: "array", items: schemaOf(kind.item, false) },
          { type: "string", ...(multiple && { minLength: 1 }) },
        ],
      };
  }
}

function bounds({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): JsonSchema {
  return {
    ...(minimum > Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum < Number.MAX_SAFE_INTEGER && { maximum }),
  };
}
