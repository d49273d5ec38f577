import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes the sides as plain JavaScript, so that none of them pays for stripping types at start.
 *
 * @returns The folder: inside the package, because Node looks for dependencies upwards from there.
 */
export async function stripSides(): Promise<string> {
  const from = fileURLToPath(new URL(".", import.meta.url));
  const to = fileURLToPath(new URL("../../dist/sides/", import.meta.url));
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => name.endsWith(".ts") && name !== "strip-sides.ts");
  await Promise.all(
    names.map(async (name) => {
      const code = stripTypeScriptTypes(await readFile(join(from, name), "utf8"));
      const linked = code.replaceAll(/(["']\.\/[\w-]+)\.ts(["'])/g, "$1.mjs$2");
      await writeFile(join(to, name.replace(/\.ts$/, ".mjs")), linked);
    }),
  );
  return to;
}
