import * as fc from "fast-check";
import { expect, it } from "vitest";
import { scanJson } from "../src/json-scan.ts";

const scan = (text: string, limits?: { depth?: number; tokens?: number }): string =>
  scanJson(Buffer.from(text), limits);

it.each([
  ["{}", "ok"],
  ["", "ok"],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"}', "ok"],
  ["[".repeat(64) + "]".repeat(64), "ok"],
  ["[".repeat(65) + "]".repeat(65), "too-deep"],
  ["[".repeat(200_000), "too-deep"],
  [`${'{"a":'.repeat(64)}1${"}".repeat(64)}`, "ok"],
  [`${'{"a":'.repeat(65)}1${"}".repeat(65)}`, "too-deep"],
  [`[${Array.from({ length: 100_000 }, () => 1).join(",")}]`, "too-many-tokens"],
  [`[${Array.from({ length: 99_999 }, () => 1).join(",")}]`, "ok"],
  [JSON.stringify("[".repeat(300_000)), "ok"],
  [JSON.stringify('"['.repeat(300_000)), "ok"],
  [JSON.stringify(`${"\\".repeat(1000)}"${"[".repeat(100)}`), "ok"],
  [JSON.stringify([`${"x".repeat(100)}\\`, ...Array.from({ length: 3 }, () => "[".repeat(100))]), "ok"],
  [`["${"x".repeat(100)}\\\\",${"[".repeat(64)}`, "too-deep"],
  [`"${"x".repeat(47)}\\"${"[".repeat(100)}`, "ok"],
])("judges text %# by its structure alone", (text, verdict) => {
  expect(scan(text)).toBe(verdict);
});

it("finds the depth and the number of tokens that the parsed value has, for any JSON", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 9 }), fc.constantFrom(undefined, 2), (json, indent) => {
      const value: unknown = JSON.parse(json);
      const text = JSON.stringify(value, undefined, indent);
      const depth = depthOf(value);
      const tokens = tokensOf(value);

      expect(scan(text, { depth, tokens })).toBe("ok");
      expect(scan(text, { depth: depth - 1 })).toBe(depth === 0 ? "ok" : "too-deep");
      expect(scan(text, { depth, tokens: tokens - 1 })).toBe(tokens === 0 ? "ok" : "too-many-tokens");
    }),
    { numRuns: 500 },
  );
});

it("is not misled by quotes, backslashes and brackets inside of strings of any length", () => {
  const hostile = fc.string({ unit: fc.constantFrom('"', "\\", "[", "{", "a", "é", "\n"), maxLength: 300 });
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 6 }), (strings) => {
      const text = JSON.stringify(strings);

      expect(scan(text, { depth: 1, tokens: strings.length + 1 })).toBe("ok");
      expect(scan(text, { depth: 1, tokens: strings.length })).toBe("too-many-tokens");
    }),
    { numRuns: 500 },
  );
});

it("answers for any bytes, JSON or not", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(["ok", "too-deep", "too-many-tokens"]).toContain(scanJson(bytes));
    }),
  );
});

it("takes time in proportion to the length, whatever the text is made of", () => {
  for (const unit of ['\\"', "\\\\", "x", "\\\\\\\\\\\\\\\\x"]) {
    const text = (bytes: number): Buffer => Buffer.from(`"${unit.repeat(bytes / unit.length)}"`);
    const [part, whole] = [text(128_000), text(1_024_000)];
    scanJson(part);

    // Eight times the bytes: 8 when linear, 64 when it looks at every byte again and again.
    expect(quickest(() => scanJson(whole)) / quickest(() => scanJson(part))).toBeLessThan(24);
  }
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function tokensOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children: unknown[] = Object.values(value);
  const commas = Math.max(0, children.length - 1);
  const colons = Array.isArray(value) ? 0 : children.length;
  return 2 + commas + colons + children.reduce<number>((sum, child) => sum + tokensOf(child), 0);
}

/** Milliseconds of the quickest of many runs, each short enough to fit between two interruptions. */
function quickest(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round += 1) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return Math.max(least, 0.02);
}
