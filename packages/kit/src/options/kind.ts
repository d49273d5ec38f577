/** What sort of value an option takes: decides how text becomes a value and how help shows it. */
export type Kind =
  | { readonly type: "string" }
  | { readonly type: "path" }
  | { readonly type: "boolean" }
  | { readonly type: "enum"; readonly values: readonly string[] }
  | { readonly type: "number"; readonly whole: boolean; readonly minimum: number; readonly maximum: number }
  | { readonly type: "bytes"; readonly minimum: number; readonly maximum: number }
  | {
      readonly type: "duration";
      readonly minimum: number;
      readonly maximum: number;
      readonly plain: DurationUnit | undefined;
    }
  | { readonly type: "list"; readonly item: Kind };

export type DurationUnit = "ms" | "s" | "m" | "h";

/** Milliseconds that a timer can wait: beyond 2^31 - 1 Node fires at once. */
export const longestTimer = 2_147_483_647;

/** What a value of this kind looks like, to stand after "expected". */
export function expectation(kind: Kind): string {
  switch (kind.type) {
    case "string":
      return "text";
    case "path":
      return "a path";
    case "boolean":
      return "true or false";
    case "enum":
      return kind.values.length === 1 ? kind.values.join() : `one of ${kind.values.join(", ")}`;
    case "number":
      return `a ${kind.whole ? "whole " : ""}number${range(kind, kind.minimum, kind.maximum)}`;
    case "bytes":
      return `a size (65536, 64kb, 1mib)${range(kind, kind.minimum, kind.maximum)}`;
    case "duration":
      return `a duration (500ms, 10s, 5m, 2h)${range(kind, kind.minimum, kind.maximum)}`;
    case "list":
      return `a list, each item ${expectation(kind.item)}`;
  }
}

const placeholders: Readonly<Record<Exclude<Kind["type"], "enum" | "list">, string>> = {
  string: "<text>",
  path: "<path>",
  boolean: "",
  number: "<number>",
  bytes: "<size>",
  duration: "<duration>",
};

/** Stands for a value in help: `<size>`, `text|json`; empty for booleans, which take none. */
export function placeholder(kind: Kind): string {
  if (kind.type === "list") return placeholder(kind.item);
  return kind.type === "enum" ? kind.values.join("|") : placeholders[kind.type];
}

/** A value as an operator would write it. */
export function formatValue(kind: Kind, value: unknown): string {
  if (kind.type === "list" && Array.isArray(value)) return value.map((item) => formatValue(kind.item, item)).join(",");
  if (kind.type === "bytes" && typeof value === "number") return inUnits(value, sizeUnits);
  if (kind.type === "duration" && typeof value === "number") return inUnits(value, durationUnits);
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

const sizeUnits: readonly (readonly [number, string])[] = [
  [1024 ** 3, "GiB"],
  [1024 ** 2, "MiB"],
  [1024, "KiB"],
];
const durationUnits: readonly (readonly [number, string])[] = [
  [3_600_000, "h"],
  [60_000, "m"],
  [1000, "s"],
  [1, "ms"],
];

function inUnits(value: number, units: readonly (readonly [number, string])[]): string {
  const fitting = value === 0 ? undefined : units.find(([factor]) => value % factor === 0);
  return fitting ? `${value / fitting[0]}${fitting[1]}` : String(value);
}

function range(kind: Kind, minimum: number, maximum: number): string {
  const lowest = minimum > Number.MIN_SAFE_INTEGER ? formatValue(kind, minimum) : undefined;
  const highest = maximum < Number.MAX_SAFE_INTEGER ? highestText(kind, maximum) : undefined;
  if (lowest !== undefined && highest !== undefined) return ` from ${lowest} to ${highest}`;
  if (lowest !== undefined) return ` of at least ${lowest}`;
  return highest === undefined ? "" : ` up to ${highest}`;
}

function highestText(kind: Kind, maximum: number): string {
  // 24.8 days in milliseconds would say nothing to a reader.
  return kind.type === "duration" && maximum === longestTimer ? "596h" : formatValue(kind, maximum);
}
