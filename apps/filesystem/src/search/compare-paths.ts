import { compareNames } from "../safe-fs/directory.ts";

/** Orders paths as a walk does: name by name, each by its bytes. */
export function comparePaths(left: string, right: string): number {
  const lefts = left.split("/");
  const rights = right.split("/");
  for (const [index, name] of lefts.entries()) {
    const other = rights[index];
    if (other === undefined) return 1;
    const order = compareNames(name, other);
    if (order !== 0) return order;
  }
  return lefts.length - rights.length;
}
