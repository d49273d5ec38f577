import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder with the files given; disposing it removes it. */
export function folderWith(files: Readonly<Record<string, string>>): { readonly path: string } & Disposable {
  const folder = mkdtempDisposableSync(join(tmpdir(), "bothways-docs-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), content);
  }
  return folder;
}
