import * as fc from "fast-check";
import { expect, it } from "vitest";
import { LineSplitter } from "../src/stdio/line-splitter.ts";

/** Feeds the chunks and returns each line as text, with what remains at the end as the last one. */
function split(chunks: readonly Buffer[], maxLineBytes = 1000): string[] {
  const splitter = new LineSplitter(maxLineBytes);
  const lines: string[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) lines.push(line.toString("latin1"));
  }
  return [...lines, splitter.rest().toString("latin1")];
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const edges = [0, ...at.map((one) => Math.min(one, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

it("returns the same lines however the bytes are chunked", () => {
  const text = fc.string({ unit: fc.constantFrom("\n", "a", "é", "\r"), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(120), { maxLength: 30 }), (sent, edges) => {
      const bytes = Buffer.from(sent);

      expect(split(cut(bytes, edges))).toEqual(bytes.toString("latin1").split("\n"));
    }),
    { numRuns: 500 },
  );
});

it("reports a line over the limit once, skips it and goes on, however it is chunked", () => {
  const lines = fc.array(fc.nat(25), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lines, fc.array(fc.nat(150), { maxLength: 30 }), (lengths, edges) => {
      const bytes = Buffer.from(lengths.map((length) => `${"x".repeat(length)}\n`).join(""));

      const expected = lengths.map((length) => (length > 10 ? "too-long" : "x".repeat(length)));

      expect(split(cut(bytes, edges), 10)).toEqual([...expected, ""]);
    }),
    { numRuns: 500 },
  );
});

it("reports a line over the limit before it ends, and forgets it when the input does", () => {
  expect(split([Buffer.from("x".repeat(11))], 10)).toEqual(["too-long", ""]);
});

it("lets the reader stop between two lines and go on later", () => {
  const splitter = new LineSplitter(100);
  splitter.push(Buffer.from("one\ntwo\nthr"));

  const first = String(splitter.next());
  splitter.push(Buffer.from("ee\n"));
  const others = [String(splitter.next()), String(splitter.next()), splitter.next()];

  expect([first, ...others]).toEqual(["one", "two", "three", undefined]);
});

it.each([
  ["4,000 bytes", 4000],
  ["100 bytes", 100],
])("K3: takes time in proportion to the line, in chunks of %s", (_, size) => {
  const cost = (length: number): number => {
    const bytes = Buffer.alloc(length, "x");
    const chunks = Array.from({ length: length / size }, (_unused, at) => bytes.subarray(at * size, (at + 1) * size));
    return quickest(() => split([...chunks, Buffer.from("\n")], 16 * 1024 * 1024));
  };
  cost(128_000);

  // Eight times the bytes: 8 when linear, 64 when every chunk copies what came before it.
  expect(cost(1_024_000) / cost(128_000)).toBeLessThan(24);
});

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
