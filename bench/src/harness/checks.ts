import type { Bench, Check, Comparison, Direction } from "./define-bench.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** What one round of one side gave, by metric. */
export type Measured = Readonly<Partial<Record<string, number>>>;

/** Measured rounds by side, in order. */
export type SideRounds = Map<string, readonly Measured[]>;

/** A check with what was measured; `value` is absent when a side did not run. */
export interface CheckResult {
  readonly kind: "ratio" | "difference" | "value";
  readonly title: string;
  readonly metric: string;
  readonly value?: Spread;
  readonly direction: Direction;
  readonly target?: number;
  readonly stretch?: number;
  readonly verdict: "meets" | "misses" | "not measured" | "information";
}

/** Works out all checks of a bench, round by round. */
export function checksOf(bench: Bench, rounds: SideRounds): CheckResult[] {
  return [
    ...(bench.ratios ?? []).map((check) => compare("ratio", check, rounds, (of, to) => of / to)),
    ...(bench.differences ?? []).map((check) => compare("difference", check, rounds, (of, to) => of - to)),
    ...(bench.values ?? []).map((check) => plain(check, rounds)),
  ];
}

function compare(
  kind: "ratio" | "difference",
  check: Comparison,
  rounds: SideRounds,
  combine: (of: number, to: number) => number,
): CheckResult {
  const others = typeof check.to === "string" ? [check.to] : check.to;
  const toMetric = check.toMetric ?? check.metric;
  const pick = check.direction === "at-most" ? Math.min : Math.max;
  const values: number[] = [];
  for (const [round, own] of (rounds.get(check.of) ?? []).entries()) {
    const of = own[check.metric];
    const candidates = others.map((other) => rounds.get(other)?.[round]?.[toMetric]).filter(isMeasured);
    if (isMeasured(of) && candidates.length > 0) values.push(combine(of, pick(...candidates)));
  }
  const sign = kind === "ratio" ? "÷" : "−";
  const to = others.length === 1 ? others.join() : `best of ${others.join(", ")}`;
  // Two metrics of one side (p99 ÷ p50): naming the side twice would say nothing.
  const title = check.of === to ? `${check.of}: ${check.metric} ${sign} ${toMetric}` : `${check.of} ${sign} ${to}`;
  return judge(kind, check, check.title ?? title, values);
}

function plain(check: Check, rounds: SideRounds): CheckResult {
  const values = (rounds.get(check.of) ?? []).map((round) => round[check.metric]).filter(isMeasured);
  return judge("value", check, check.title ?? check.of, values);
}

function judge(kind: CheckResult["kind"], check: Check, title: string, values: readonly number[]): CheckResult {
  const value = spreadOf(values);
  return {
    kind,
    title,
    metric: check.metric,
    direction: check.direction,
    verdict: verdictOf(check, value),
    ...(value === undefined ? {} : { value }),
    ...(check.target === undefined ? {} : { target: check.target }),
    ...(check.stretch === undefined ? {} : { stretch: check.stretch }),
  };
}

function verdictOf(check: Check, value: Spread | undefined): CheckResult["verdict"] {
  if (value === undefined) return "not measured";
  if (check.target === undefined) return "information";
  const met = check.direction === "at-most" ? value.median <= check.target : value.median >= check.target;
  return met ? "meets" : "misses";
}

function isMeasured(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
