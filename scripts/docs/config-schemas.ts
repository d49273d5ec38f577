import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema } from "../../packages/kit/src/options/config-schema.ts";
import { createKitSchema } from "../../packages/kit/src/options/kit-options.ts";
import { repairCommand } from "./blocks.ts";
import type { Finding } from "./page.ts";
import { servers } from "./servers.ts";

/** A file that is generated as a whole. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** The JSON Schema of each server's config file, for the `$schema` of a file that an editor opens. */
export function configSchemas(): GeneratedFile[] {
  return servers.map(({ name, definition }) => {
    const kitSchema = createKitSchema({ defaultPort: definition.defaultPort, maxBody: definition.maxBody });
    const content = `${JSON.stringify(configJsonSchema(definition, kitSchema), null, 2)}\n`;
    return { path: `docs/config/${name}.schema.json`, content };
  });
}

/** Findings for generated files that are absent or differ. */
export function staleFiles(root: string, files: readonly GeneratedFile[]): Finding[] {
  return files.flatMap(({ path, content }) => {
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, "utf8") === content) return [];
    return [{ page: path, fact: "the file is stale", repair: repairCommand }];
  });
}
