import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerDefinition } from "@bothways/kit";

/**
 * The example arguments of each tool of a server, from `docs/examples/calls/<name>.json`.
 *
 * @throws {Error} when a tool has none or does not take them, or when there is no such tool.
 */
export function exampleCalls(root: string, name: string, { tools }: ServerDefinition): ReadonlyMap<string, string> {
  const path = `docs/examples/calls/${name}.json`;
  const calls: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(join(root, path), "utf8"));
  const problems = [
    ...tools.filter((tool) => !(tool.name in calls)).map((tool) => `${tool.name} has no example`),
    ...Object.keys(calls)
      .filter((key) => tools.every((tool) => tool.name !== key))
      .map((key) => `there is no tool ${key}`),
    ...tools.flatMap(({ name: tool, inputSchema }) => {
      const issues = inputSchema.strict().safeParse(calls[tool] ?? {}).error?.issues ?? [];
      return calls[tool] === undefined ? [] : issues.map(({ message }) => `${tool} does not take it: ${message}`);
    }),
  ];
  if (problems.length > 0) throw new Error(`${path}: ${problems.join("; ")}.`);
  return new Map(Object.entries(calls).map(([tool, input]) => [tool, JSON.stringify(input)]));
}
