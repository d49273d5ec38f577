import type { CheckResult } from "./checks.ts";
import type { MetricInfo, Unit } from "./define-bench.ts";
import type { BenchResult } from "./run-bench.ts";
import type { Spread } from "./statistics.ts";

/** A table as rows of cells, the first row being its head; both printers lay it out. */
export type Table = readonly (readonly string[])[];

/** The measured values of a bench: one table per group of metrics, sides as rows. */
export function sideTables(result: BenchResult): Table[] {
  return groupsOf(result.metrics).map((metrics) => [
    ["side", ...metrics.map(([, { title }]) => title)],
    ...result.sides
      .filter(({ skipped, values }) => skipped === undefined && metrics.some(([key]) => key in values))
      .map(({ side, values }) => [side, ...metrics.map(([key, { unit }]) => formatSpread(values[key], unit))]),
  ]);
}

/** The checks of a bench with targets and verdicts. */
export function checkTable(result: BenchResult): Table {
  return [
    ["ratio", "of what", "measured", "target", "stretch", ""],
    ...result.checks.map((check) => {
      const unit = check.kind === "ratio" ? undefined : result.metrics[check.metric]?.unit;
      return [
        check.title,
        result.metrics[check.metric]?.title ?? check.metric,
        formatSpread(check.value, unit),
        formatTarget(check, check.target, unit),
        formatTarget(check, check.stretch, unit),
        check.verdict === "information" ? "" : check.verdict,
      ];
    }),
  ];
}

/** Sides that were not measured, with their reasons. */
export function skippedLines(result: BenchResult): string[] {
  return result.sides.flatMap(({ side, skipped }) => (skipped === undefined ? [] : [`${side}: not run: ${skipped}`]));
}

/** Median, then minimum and maximum; a dash for what was not measured. */
function formatSpread(spread: Spread | undefined, unit: Unit | undefined): string {
  if (spread === undefined) return "–";
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) => formatNumber(value, unit));
  return min === max ? `${median}` : `${median} (${min}–${max})`;
}

/** A number as short as its unit allows. @param unit Left out for ratios. */
export function formatNumber(value: number, unit: Unit | undefined): string {
  switch (unit) {
    case "us":
      return `${significant(value)} µs`;
    case "ms":
      return `${significant(value)} ms`;
    case "per-second":
      return `${Math.round(value).toLocaleString("en")}/s`;
    case "bytes":
      return formatBytes(value);
    case "share":
      return `${Math.round(value * 100)} %`;
    case "count":
      return significant(value);
    case undefined:
      return value.toFixed(2);
  }
}

function formatBytes(value: number): string {
  if (Math.abs(value) >= 1_048_576) return `${(value / 1_048_576).toFixed(1)} MiB`;
  return Math.abs(value) >= 1024 ? `${(value / 1024).toFixed(1)} KiB` : `${Math.round(value)} B`;
}

function significant(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function formatTarget(check: CheckResult, target: number | undefined, unit: Unit | undefined): string {
  if (target === undefined) return "";
  return `${check.direction === "at-most" ? "≤" : "≥"} ${formatNumber(target, unit)}`;
}

function groupsOf(metrics: BenchResult["metrics"]): [string, MetricInfo][][] {
  return [...Map.groupBy(Object.entries(metrics), ([, { group }]) => group ?? "").values()];
}
