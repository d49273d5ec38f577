/** Names that SQL may use, names of databases, and names that are close to what was asked for. Imports nothing. */

const pragmaFunctions = new Set(
  (
    "table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list foreign_key_check " +
    "collation_list function_list compile_options user_version page_count page_size freelist_count encoding " +
    "quick_check integrity_check"
  ).split(" "),
);

/** The whole word counts, with every character SQLite takes as part of a name. */
const pragmaWord = /(?<![A-Za-z0-9_$\u0080-\uffff])pragma_[A-Za-z0-9_$\u0080-\uffff]*/gi;

/**
 * The first `pragma_…` word in the SQL that is not on the list, wherever it stands: such a table function can show
 * absolute paths (`pragma_database_list`) or change the file (`pragma_optimize`).
 */
export function forbiddenPragmaFunction(sql: string): string | undefined {
  for (const [word] of sql.matchAll(pragmaWord)) {
    if (!pragmaFunctions.has(word.slice("pragma_".length).toLowerCase())) return word.slice(0, 64).toLowerCase();
  }
  return undefined;
}

/** What a database may be called. */
export const databaseName: RegExp = /^[a-z][a-z0-9_-]{0,31}$/;

/**
 * The name of a database given by its path alone: the file's base name without extension, lower-cased, with every
 * other character as `_`.
 */
export function nameFromPath(path: string): string {
  const base = path.split(/[/\\]/).at(-1) ?? "";
  return base
    .replace(/(?!^)\.[^.]*$/, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "_");
}

/** Up to three of `names` that `wanted` may have meant, nearest first. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const lower = wanted.toLowerCase();
  const limit = Math.max(1, Math.floor(lower.length / 3));
  return names
    .map((name) => ({ name, distance: nameDistance(lower, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Edit distance, except that a name that holds the other is near whatever its length. */
function nameDistance(one: string, other: string): number {
  if (one.length > 2 && (other.includes(one) || one.includes(other))) return 1;
  return Math.abs(one.length - other.length) > 8
    ? Number.POSITIVE_INFINITY
    : editDistance(one.slice(0, 64), other.slice(0, 64));
}

function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one.charAt(row - 1) === other.charAt(column - 1);
      const replaced = (previous[column - 1] ?? 0) + (same ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
