import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./page.ts";
import type { DocumentedServer } from "./servers.ts";

type Calls = Readonly<Record<string, unknown>>;

/** The example arguments of the tools of a server, as JSON by tool. */
export function exampleCalls(root: string, name: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(readCalls(root, name)).map(([tool, input]) => [tool, JSON.stringify(input)]));
}

/** Findings for tools without an example, examples without a tool, and arguments that the tool does not take. */
export function wrongCalls(root: string, servers: readonly DocumentedServer[]): Finding[] {
  return servers.flatMap(({ name, definition: { tools } }) => {
    const calls = readCalls(root, name);
    const names = new Set(tools.map((tool) => tool.name));
    const facts = [
      ...tools.filter((tool) => !(tool.name in calls)).map((tool) => `${tool.name} has no example`),
      ...Object.keys(calls)
        .filter((tool) => !names.has(tool))
        .map((tool) => `there is no tool ${tool}`),
      ...tools.flatMap((tool) => {
        const issues = tool.inputSchema.strict().safeParse(calls[tool.name] ?? {}).error?.issues ?? [];
        return tool.name in calls ? issues.map(({ message }) => `${tool.name} does not take it: ${message}`) : [];
      }),
    ];
    return facts.map((fact) => ({ page: pathOf(name), fact, repair: "Correct the example, then write the docs." }));
  });
}

function readCalls(root: string, name: string): Calls {
  return JSON.parse(readFileSync(join(root, pathOf(name)), "utf8"));
}

function pathOf(name: string): string {
  return `docs/examples/calls/${name}.json`;
}
