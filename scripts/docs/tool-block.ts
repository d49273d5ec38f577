import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { surface } from "@bothways/kit/testing";
import type { Tool } from "@modelcontextprotocol/client";
import { exampleCalls } from "./example-calls.ts";
import type { DocumentedServer, Variant } from "./servers.ts";
import { code, markdownTable } from "./table.ts";

/** The tools of a server as `tools/list` answers, with what has to be added to the command line for each. */
export async function toolTable(root: string, { name, definition, variants }: DocumentedServer): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "bothways-docs-"));
  const configurations = await variants(folder.path);
  const listings = await Promise.all(
    configurations.map(async (variant) => ({ variant, tools: await listed(variant) })),
  );
  const known = new Map<string, readonly [Tool, string]>();
  for (const { variant, tools } of listings)
    for (const tool of tools) if (!known.has(tool.name)) known.set(tool.name, [tool, variant.flag]);
  // What only some variants list keeps its place in the catalogue.
  const catalogue = definition.tools.map((tool) => tool.name);
  const unlisted = catalogue.filter((tool) => !known.has(tool));
  if (unlisted.length > 0) throw new Error(`No variant in scripts/docs/servers.ts lists ${unlisted.join(", ")}.`);
  const sorted = [...known.values()].toSorted(([a], [b]) => catalogue.indexOf(a.name) - catalogue.indexOf(b.name));
  const examples = exampleCalls(root, name);
  return markdownTable(
    ["tool", "access", "what it does", "example"],
    sorted.map(([tool, flag]) => [
      code(tool.name),
      accessOf(tool, flag),
      tool.description ?? "",
      code(examples.get(tool.name) ?? ""),
    ]),
  );

  async function listed({ options }: Variant): Promise<readonly Tool[]> {
    // `surface` returns what `tools/list` answered.
    return (await surface(definition, { options })) as Tool[];
  }

  function accessOf({ name: tool, annotations }: Tool, flag: string): string {
    const { access = "" } = definition.tools.find((one) => one.name === tool) ?? {};
    const destructive = annotations?.destructiveHint === true && access !== "destructive" ? ", destructive" : "";
    return `${access}${destructive}${flag === "" ? "" : ` (${code(flag)})`}`;
  }
}
