import { checkTable, sideTables, skippedLines, type Table } from "./format.ts";
import type { BenchResult } from "./run-bench.ts";

/** A bench for a terminal. */
export function printText(result: BenchResult): string {
  const tables = [...sideTables(result), checkTable(result)].filter((table) => table.length > 1);
  const blocks = [...tables.map(alignColumns), ...skippedLines(result)];
  return `\n== ${result.name}: ${result.title} (${Math.round(result.seconds)} s)\n\n${blocks.join("\n\n")}\n`;
}

function alignColumns(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
