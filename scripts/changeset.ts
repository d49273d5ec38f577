import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { changedPackages, isChangeset, releasedBy } from "./changeset/changed-packages.ts";
import { changedPaths, findComparison } from "./changeset/history.ts";

// Whether every package whose source changed has a changeset. On a branch it must come with the change; on `main`,
// where the branch was checked before, one that still waits for the next release will do.
const root = process.argv[2] ?? join(import.meta.dirname, "..");
const comparison = findComparison(root);

if (comparison === undefined) {
  process.stdout.write("Skipped: the history holds no commit to compare with (git fetch --unshallow brings it).\n");
  process.stdout.write("\n0 passed, 0 failed, 1 skipped\n");
} else {
  const paths = changedPaths(root, comparison.base);
  const added = paths.filter((path) => isChangeset(path) && existsSync(join(root, path)));
  const waiting = globSync(".changeset/*.md", { cwd: root }).filter((path) => isChangeset(path));
  const changesets = (comparison.isBranch ? added : waiting).map((path) => readFileSync(join(root, path), "utf8"));
  const released = new Set(changesets.flatMap((text) => releasedBy(text)));
  // An empty changeset says that no user would notice.
  const isSilent = added.some((path) => releasedBy(readFileSync(join(root, path), "utf8")).length === 0);
  const without = changedPackages(paths).filter((folder) => !isSilent && !released.has(nameOf(folder)));
  for (const folder of without)
    process.stderr.write(
      `${folder}/src changed since ${comparison.base.slice(0, 12)} without a changeset for ${nameOf(folder)}.\n`,
    );
  if (without.length > 0)
    process.stderr.write(
      "  Add one: a file in .changeset/ named for the change (see CONTRIBUTING.md), or an empty one when no user notices.\n",
    );
  process.stdout.write(`${changedPackages(paths).length} changed packages, ${without.length} without a changeset.\n`);
  process.exitCode = without.length === 0 ? 0 : 1;
}

function nameOf(folder: string): string {
  const manifest = join(root, folder, "package.json");
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).name : folder;
}
