import fc from "fast-check";
import { expect, it } from "vitest";
import { CallQueue } from "../src/engine/call-queue.ts";

const any = () => true;

function queueOf(...calls: { principalId: string; n: number }[]): CallQueue<{ principalId: string; n: number }> {
  const queue = new CallQueue<{ principalId: string; n: number }>();
  for (const call of calls) queue.add(call);
  return queue;
}

function drained(queue: CallQueue<{ principalId: string; n: number }>): string[] {
  const order: string[] = [];
  for (let call = queue.take(any); call !== undefined; call = queue.take(any))
    order.push(`${call.principalId}${call.n}`);
  return order;
}

it("serves callers in turns and the calls of each in order", () => {
  const queue = queueOf(
    { principalId: "a", n: 1 },
    { principalId: "a", n: 2 },
    { principalId: "a", n: 3 },
    { principalId: "b", n: 1 },
    { principalId: "c", n: 1 },
    { principalId: "b", n: 2 },
  );

  expect(drained(queue)).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
});

it("passes over calls that may not run yet", () => {
  const queue = queueOf({ principalId: "a", n: 1 }, { principalId: "a", n: 2 }, { principalId: "b", n: 1 });

  expect(queue.take(({ n }) => n === 2)).toEqual({ principalId: "a", n: 2 });
  expect(queue.has(({ n }) => n === 2)).toBe(false);
  expect(drained(queue)).toEqual(["b1", "a1"]);
});

it("puts a call back before everything else", () => {
  const queue = queueOf({ principalId: "a", n: 1 }, { principalId: "b", n: 1 }, { principalId: "b", n: 2 });
  const taken = queue.take(({ principalId }) => principalId === "b");

  if (taken !== undefined) queue.putBack(taken);

  expect(drained(queue)).toEqual(["b1", "a1", "b2"]);
});

it("counts, removes and drains by caller", () => {
  const late = { principalId: "a", n: 2 };
  const queue = queueOf({ principalId: "a", n: 1 }, late, { principalId: "b", n: 1 });

  expect([queue.size, queue.countOf("a"), queue.lastOf("a"), queue.countOf("z")]).toEqual([3, 2, late, 0]);
  expect([queue.remove(late), queue.remove(late), queue.size]).toEqual([true, false, 2]);
  expect(queue.drain()).toHaveLength(2);
  expect([queue.size, queue.take(any)]).toEqual([0, undefined]);
});

it("never lets a caller wait for more than one call of each other caller", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 40 }), (callers) => {
      const queue = queueOf(...callers.map((principalId, n) => ({ principalId, n })));
      const sinceServed = new Map<string, Map<string, number>>();
      for (let call = queue.take(any); call !== undefined; call = queue.take(any)) {
        sinceServed.delete(call.principalId);
        for (const waiting of queue.principals()) {
          if (waiting === call.principalId) continue;
          const seen = sinceServed.get(waiting) ?? new Map<string, number>();
          seen.set(call.principalId, (seen.get(call.principalId) ?? 0) + 1);
          sinceServed.set(waiting, seen);
          expect(seen.get(call.principalId)).toBe(1);
        }
      }
      expect(queue.size).toBe(0);
    }),
  );
});
