import { FailureError } from "@bothways/kit";
import type { Sqlite } from "../sqlite.ts";

/** Most values one completion offers (the specification's own limit). */
const maxValues = 100;

/** Names of databases that start so. */
export async function completeDatabase(sqlite: Sqlite, prefix: string): Promise<string[]> {
  const { databases } = await sqlite.engines.list(1000);
  return databases
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix))
    .slice(0, maxValues);
}

/** Names of tables and views that start so; none for a database that cannot be read. */
export async function completeTable(sqlite: Sqlite, prefix: string, database: string | undefined): Promise<string[]> {
  try {
    const job = { kind: "table_names", database: database || undefined, prefix, limit: maxValues } as const;
    const { names } = await sqlite.run<"table_names">(job, { signal: new AbortController().signal });
    return [...names];
  } catch (error) {
    // A half-typed database name is no error while somebody types.
    if (error instanceof FailureError) return [];
    throw error;
  }
}
