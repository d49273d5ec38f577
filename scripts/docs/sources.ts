import type { BlockSource } from "./blocks.ts";
import { exampleBlock } from "./example-block.ts";
import { kitOptions, serverOptions } from "./option-block.ts";
import { servers } from "./servers.ts";
import { toolTable } from "./tool-block.ts";

/**
 * What fills the blocks: `flags:kit`, `flags:<server>`, `tools:<server>` and `example:<file>[#<region>]`.
 *
 * @param root Root of the repository.
 */
export async function blockSource(root: string): Promise<BlockSource> {
  const tables = new Map([["flags:kit", kitOptions()]]);
  for (const server of servers) {
    tables.set(`flags:${server.name}`, serverOptions(server.definition.options, server.definition.short));
    tables.set(`tools:${server.name}`, await toolTable(root, server));
  }
  return (id) => (id.startsWith("example:") ? exampleBlock(root, id.slice("example:".length)) : tables.get(id));
}
