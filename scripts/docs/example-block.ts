import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A file of `docs/examples` as a code block, or one region of it: `greeter.ts`, `options.ts#options`.
 *
 * @throws {Error} for a region that the file does not have.
 */
export function exampleBlock(root: string, reference: string): string {
  const [file = "", region] = reference.split("#");
  const source = readFileSync(join(root, "docs/examples", file), "utf8");
  const shown = region === undefined ? withoutRegions(source) : regionOf(source, region);
  if (shown === undefined) throw new Error(`docs/examples/${file} has no region "${region}".`);
  return `\`\`\`ts\n${shown.trim()}\n\`\`\``;
}

function regionOf(source: string, name: string): string | undefined {
  return source.split(`// #region ${name}\n`)[1]?.split("// #endregion\n")[0];
}

function withoutRegions(source: string): string {
  return source.replace(/^\/\/ #(region .*|endregion)\n/gm, "");
}
