import type { ServerContext } from "@modelcontextprotocol/server";
import { expect, it, vi } from "vitest";
import { createRequestStates, type StateBinding } from "../src/request-state.ts";

const key = "k".repeat(32);
const binding: StateBinding = { principal: "p", client: "c", tool: "t", input: { b: [1, { y: 2, x: 1 }], a: null } };
// The codec only checks that there is a context.
const ctx = {} as ServerContext;

it("gives a state back to the call it was sealed for, whatever the order of its arguments", async () => {
  const states = createRequestStates(key);
  const sealed = await states.seal({ step: 1 }, binding, ctx);

  const reordered = { ...binding, input: { a: null, b: [1, { x: 1, y: 2 }] } };

  expect(await states.redeem(sealed, reordered, ctx, false)).toEqual({ step: 1 });
});

it.each([
  ["principal", { principal: "q" }],
  ["client", { client: "d" }],
  ["tool", { tool: "u" }],
  ["arguments", { input: { a: null, b: [1, { x: 1, y: 3 }] } }],
])("refuses a state for another %s", async (_what, other) => {
  const states = createRequestStates(key);
  const sealed = await states.seal(1, binding, ctx);

  await expect(states.redeem(sealed, { ...binding, ...other }, ctx, false)).rejects.toMatchObject({ code: -32602 });
});

it("shares states between processes that share a key, and with no others", async () => {
  const sealed = await createRequestStates(key).seal(1, binding, ctx);

  expect(await createRequestStates(key).redeem(sealed, binding, ctx, false)).toBe(1);
  await expect(createRequestStates().redeem(sealed, binding, ctx, false)).rejects.toMatchObject({ code: -32602 });
});

it("redeems a single-use state once", async () => {
  const states = createRequestStates(key);
  const sealed = await states.seal(1, binding, ctx);

  expect(await states.redeem(sealed, binding, ctx, true)).toBe(1);
  await expect(states.redeem(sealed, binding, ctx, true)).rejects.toMatchObject({ code: -32602 });
});

it("refuses a state after ten minutes", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const states = createRequestStates(key);
  const sealed = await states.seal(1, binding, ctx);

  vi.setSystemTime(Date.now() + 601_000);

  await expect(states.redeem(sealed, binding, ctx, false)).rejects.toMatchObject({ code: -32602 });
  vi.useRealTimers();
});
