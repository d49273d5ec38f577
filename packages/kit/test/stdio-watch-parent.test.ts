import { expect, it, vi } from "vitest";
import { watchParent } from "../src/stdio/watch-parent.ts";

it("notices once that the parent has changed, within the interval", () => {
  vi.useFakeTimers();
  let parent = 100;
  let gone = 0;
  using _watch = watchParent(() => (gone += 1), { readParent: () => parent });

  vi.advanceTimersByTime(10_000);
  const before = gone;
  parent = 1;
  vi.advanceTimersByTime(2000);
  const after = gone;
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();

  expect([before, after, gone]).toEqual([0, 1, 1]);
});

it("does not look any more once it is disposed", () => {
  vi.useFakeTimers();
  let gone = 0;
  let parent = 100;
  {
    using _watch = watchParent(() => (gone += 1), { readParent: () => parent });
  }
  parent = 1;

  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();

  expect(gone).toBe(0);
});
