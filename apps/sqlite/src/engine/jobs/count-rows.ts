import type { Connection } from "../connection.ts";
import { quoted, type TableObject } from "./schema-objects.ts";

const firstLimit = 50_000;
const growth = 4;

/**
 * Counts the rows of tables as far as the time allows; null for views and for what did not fit.
 *
 * A count cannot be interrupted, so each table is counted up to a limit that grows while there is time for the next one.
 */
export function countRows(
  connection: Connection,
  tables: readonly TableObject[],
  budgetMs: number,
): Map<string, number | null> {
  const end = performance.now() + budgetMs;
  const counts = new Map<string, number | null>();
  for (const { name, type } of tables) {
    counts.set(name, type === "view" ? null : countOne(connection, name, end));
  }
  return counts;
}

function countOne(connection: Connection, name: string, end: number): number | null {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${quoted(name)} LIMIT ?)`;
  for (let limit = firstLimit, last = 0; ; limit *= growth) {
    const start = performance.now();
    if (start + last * growth >= end) return null;
    const counted = countUpTo(connection, sql, limit);
    if (counted === null || counted < limit) return counted;
    last = performance.now() - start;
  }
}

/** A virtual table whose module is missing has no count. */
function countUpTo(connection: Connection, sql: string, limit: number): number | null {
  try {
    return Number(connection.row(sql, BigInt(limit))?.[0]);
  } catch {
    return null;
  }
}
