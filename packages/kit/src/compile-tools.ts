import type { Tool as ListedTool } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Tool } from "./define-tool.ts";

/** A tool with everything that can be computed once per process. */
export interface CompiledTool {
  readonly tool: Tool;
  /** The input schema with unknown keys refused. */
  readonly input: z.ZodObject;
  readonly inputJson: JsonObjectSchema;
  readonly outputJson: Readonly<Record<string, unknown>> | undefined;
  /** True when a property declares `x-mcp-header` (SEP-2243), whose check belongs to the SDK. */
  readonly hasHeaderParameters: boolean;
  /** The entry of `tools/list`. */
  readonly listed: ListedTool;
}

type JsonObjectSchema = ListedTool["inputSchema"];

let conversions = 0;
const compiled = new WeakMap<Tool, CompiledTool>();

/** How many zod schemas were converted since the process started; equals the number of distinct schemas (K16). */
export function schemaConversions(): number {
  return conversions;
}

/** Converts a tool's schemas once per process, however many servers and requests use it. */
export function compileTool(tool: Tool): CompiledTool {
  const known = compiled.get(tool);
  if (known) return known;
  // `strict()` makes a copy without the author's `meta()`, so a schema that is strict already stays itself.
  const input = isStrict(tool.inputSchema) ? tool.inputSchema : tool.inputSchema.strict();
  // A strict zod object always converts to an object schema.
  const inputJson = toJsonSchema(input, "input") as JsonObjectSchema;
  const outputJson = tool.outputSchema && toJsonSchema(tool.outputSchema, "output");
  const result: CompiledTool = {
    tool,
    input,
    inputJson,
    outputJson,
    hasHeaderParameters: JSON.stringify(inputJson).includes('"x-mcp-header"'),
    listed: listedTool(tool, inputJson, outputJson),
  };
  compiled.set(tool, result);
  return result;
}

function listedTool(tool: Tool, inputSchema: JsonObjectSchema, outputSchema: CompiledTool["outputJson"]): ListedTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema,
    ...(outputSchema && { outputSchema }),
    annotations: { ...tool.annotations },
    ...(tool.meta && { _meta: { ...tool.meta } }),
  };
}

function toJsonSchema(schema: z.ZodType, io: "input" | "output"): Readonly<Record<string, unknown>> {
  conversions += 1;
  const { $schema: dialect, ...json } = z.toJSONSchema(schema, { target: "draft-2020-12", io });
  // 2020-12 is the protocol's default dialect: it is named only where the author named it.
  return { ...(schema.meta()?.["$schema"] === dialect && { $schema: dialect }), type: "object", ...json };
}

function isStrict(schema: z.ZodObject): boolean {
  return schema.def.catchall instanceof z.ZodNever;
}
