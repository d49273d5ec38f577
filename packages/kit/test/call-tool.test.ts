import { setTimeout } from "node:timers/promises";
import { defineServer, defineTool, type ServerDefinition, success, type Tool, type ToolContext } from "@bothways/kit";
import { connect } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import { z } from "zod";

const hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const base = { title: "T", description: "d", annotations: hints, access: "read" };

function serverOf(
  tools: readonly Tool[],
  open: ServerDefinition["open"] = () => ({ async [Symbol.asyncDispose]() {} }),
) {
  return defineServer({
    name: "bothways-test",
    short: "test",
    version: "1.0.0",
    title: "Test",
    instructions: "",
    options: z.object({}),
    open,
    tools,
    defaultPort: 3996,
  });
}

const quick = defineTool({
  ...base,
  name: "quick",
  inputSchema: z.object({ list: z.array(z.number()).optional() }),
  outputSchema: z.object({ ok: z.boolean() }),
  run: (_input, _resources: unknown) => success({ ok: true }),
});

it("uses compact JSON of the data as text unless the tool says otherwise", async () => {
  await using session = await connect(serverOf([quick]));

  const result = await session.callTool("quick");

  expect(result).toMatchObject({ content: [{ type: "text", text: '{"ok":true}' }], structuredContent: { ok: true } });
});

it("names the key path of a bad argument, never its value, and the tool to look at", async () => {
  await using session = await connect(serverOf([quick]));

  const result = await session.callTool("quick", { list: [1, "hunter2"], surplus: "hunter2" });

  const [block] = result.content;
  const text = block?.type === "text" ? block.text : "";
  expect(text).toMatch(/^INVALID_INPUT: list\.1: .*"surplus"\. Call tools\/list .* quick\.$/);
  expect(text).not.toContain("hunter2");
  expect(result._meta?.["bothways/error"]).toEqual({ code: "INVALID_INPUT" });
});

it("stops a call at its time limit and tells it by its signal", async () => {
  let reason: unknown;
  const slow = defineTool({
    ...base,
    name: "slow",
    timeoutMs: 50,
    inputSchema: z.object({}),
    outputSchema: z.object({}),
    async run(_input, _resources: unknown, ctx) {
      ctx.signal.addEventListener("abort", () => {
        reason = ctx.signal.reason;
      });
      // Progress does not extend the limit.
      for (let step = 0; step < 50; step += 1) {
        ctx.progress(step);
        await setTimeout(10);
      }
      return success({});
    },
  });
  await using session = await connect(serverOf([slow]));

  const result = await session.callTool("slow");

  expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^TIMEOUT: .*50 ms/) }] });
  expect(String(reason)).toContain("TIMEOUT");
});

it("answers UNAVAILABLE with the reason while the resources cannot be opened, and tries again", async () => {
  let attempts = 0;
  const open = () => {
    attempts += 1;
    if (attempts === 1) throw new Error("the disk is not mounted");
    return { async [Symbol.asyncDispose]() {} };
  };
  await using session = await connect(serverOf([quick], open));

  const [first, shared] = await Promise.all([session.callTool("quick"), session.callTool("quick")]);
  const later = await session.callTool("quick");

  for (const result of [first, shared]) {
    expect(result).toMatchObject({
      content: [{ text: expect.stringMatching(/^UNAVAILABLE: the disk is not mounted/) }],
    });
  }
  expect(later.isError).not.toBe(true);
  expect(attempts).toBe(2);
});

it("disposes its resources once, after the last call", async () => {
  const events: string[] = [];
  const tool = defineTool({
    ...base,
    name: "late",
    inputSchema: z.object({}),
    outputSchema: z.object({}),
    run: (_input, _resources: unknown) => {
      events.push("call");
      return success({});
    },
  });
  const dispose = async () => void events.push("dispose");
  const session = await connect(serverOf([tool], () => ({ [Symbol.asyncDispose]: dispose })));
  await session.callTool("late");

  await session[Symbol.asyncDispose]();

  expect(events).toEqual(["call", "dispose"]);
});

it("checks results against the output schema when asked to", async () => {
  const wrong = defineTool({
    ...base,
    name: "wrong",
    inputSchema: z.object({}),
    outputSchema: z.object({ count: z.number().max(3) }),
    run: (_input, _resources: unknown) => success({ count: 4 }),
  });
  await using session = await connect(serverOf([wrong]));

  const result = await session.callTool("wrong");

  expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("output schema") }] });
});

it("answers INTERNAL for a result that JSON does not know, and lives on", async () => {
  const odd = defineTool({
    ...base,
    name: "odd",
    inputSchema: z.object({}),
    outputSchema: z.looseObject({}),
    run: (_input, _resources: unknown) => success({ big: 1n }),
  });
  await using session = await connect(serverOf([odd, quick]));

  const result = await session.callTool("odd");

  expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^INTERNAL: /) }] });
  expect((await session.callTool("quick")).isError).not.toBe(true);
});

async function straggle(ctx: ToolContext): Promise<void> {
  await setTimeout(20);
  ctx.progress(2);
  ctx.heartbeat(1);
}

it("says nothing more about a call that has its result", async () => {
  const late = Promise.withResolvers<void>();
  const straggling = defineTool({
    ...base,
    name: "straggling",
    inputSchema: z.object({}),
    outputSchema: z.object({}),
    run(_input, _resources: unknown, ctx) {
      ctx.progress(1);
      void straggle(ctx).then(late.resolve);
      return success({});
    },
  });
  await using session = await connect(serverOf([straggling]));
  const told: unknown[] = [];
  session.client.setNotificationHandler("notifications/progress", ({ params }) => void told.push(params.progress));

  await session.client.callTool({ name: "straggling", _meta: { progressToken: "t" } });
  await late.promise;
  await session.callTool("straggling");

  expect(told).not.toContain(2);
});

it("repeats the last progress while a heartbeat is set", async () => {
  const beating = defineTool({
    ...base,
    name: "beating",
    inputSchema: z.object({}),
    outputSchema: z.object({}),
    async run(_input, _resources: unknown, ctx) {
      ctx.progress(1, 2, "half");
      ctx.heartbeat(20);
      await setTimeout(110);
      return success({});
    },
  });
  await using session = await connect(serverOf([beating]));
  const seen: (string | undefined)[] = [];

  await session.client.callTool({ name: "beating" }, { onprogress: ({ message }) => seen.push(message) });

  expect(seen.length).toBeGreaterThanOrEqual(3);
  expect(new Set(seen)).toEqual(new Set(["half"]));
});

it.each([[{ ...quick, name: "Bad-Name" }], [{ ...quick, name: "__proto__" }], [{ ...quick, access: "everything" }]])(
  "refuses the definition of a tool that cannot be served",
  (tool) => {
    expect(() => serverOf([tool])).toThrow(/Invalid server definition/);
  },
);

it("refuses two tools of one name", () => {
  expect(() => serverOf([quick, quick])).toThrow(/"quick" is used twice/);
});
