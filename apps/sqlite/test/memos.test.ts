import { expect, it } from "vitest";
import { Exports } from "../src/resources/exports.ts";
import { Memos } from "../src/resources/memos.ts";

it("keeps one line for each insight", () => {
  const memos = new Memos();

  memos.append(undefined, "sales\r\nare  up\n- not a second line");
  const count = memos.append(undefined, "returns are down");

  expect(count).toBe(2);
  expect(memos.text(undefined)).toBe("- sales are  up - not a second line\n- returns are down");
});

it("says so when nobody wrote anything", () => {
  expect(new Memos().text("ada")).toBe("No insights yet. append_insight adds one.");
});

it("keeps callers apart", () => {
  const memos = new Memos();

  memos.append("ada", "a");
  memos.append("bob", "b");

  expect(memos.text("ada")).toBe("- a");
  expect(memos.text("bob")).toBe("- b");
  expect(memos.text(undefined)).toContain("No insights");
});

it("keeps the last 1000", () => {
  const memos = new Memos();
  for (let index = 1; index <= 1002; index += 1) memos.append(undefined, `number ${index}`);

  const lines = memos.text(undefined).split("\n");

  expect(lines).toHaveLength(1000);
  expect(lines[0]).toBe("- number 3");
});

it("tells a caller's subscribers, and nobody else, until they leave", () => {
  const memos = new Memos();
  const told: string[] = [];
  const ada = memos.watch("ada", () => told.push("ada"));
  memos.watch("bob", () => told.push("bob"));

  memos.append("ada", "1");
  ada[Symbol.dispose]();
  memos.append("ada", "2");

  expect(told).toEqual(["ada"]);
});

it("forgets the caller who was away for longest when there are too many", () => {
  const memos = new Memos();
  memos.append("first", "x");
  memos.append("watched", "y");
  memos.watch("watched", () => {});
  for (let index = 0; index < 200; index += 1) memos.append(`caller ${index}`, "z");

  expect(memos.text("first")).toContain("No insights");
  expect(memos.text("watched")).toBe("- y");
  expect(memos.text("caller 199")).toBe("- z");
});

it("forgets the caller who was away for longest when the memos are too large together", () => {
  const memos = new Memos();
  for (let caller = 0; caller < 9; caller += 1) {
    for (let index = 0; index < 1000; index += 1) memos.append(`caller ${caller}`, "x".repeat(4096));
  }

  expect(memos.text("caller 0")).toContain("No insights");
  expect(memos.text("caller 8").split("\n")).toHaveLength(1000);
});

it("hands an exported file to its caller only", () => {
  const exports = new Exports();

  const uri = exports.add("ada", "big table.csv");

  expect(uri).toBe("sqlite-export://files/big%20table.csv");
  expect(exports.has("ada", "big table.csv")).toBe(true);
  expect(exports.has("bob", "big table.csv")).toBe(false);
  expect(exports.has(undefined, "big table.csv")).toBe(false);
});
