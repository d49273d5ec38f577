import { serve } from "@bothways/kit";
import { expect, it } from "vitest";
import { runSuite } from "./fixtures/conformance/run-suite.ts";
import { conformanceServer } from "./fixtures/conformance/server.ts";

const scenarios = { "2025-11-25": 30, "2026-07-28": 37 } as const;

it.each(["2025-11-25", "2026-07-28"] as const)("passes every scored scenario of %s", async (requirements) => {
  const running = await serve(conformanceServer, { transport: "http", port: 0 });

  const result = await runSuite(running.url ?? "", requirements);

  await running.close();
  expect(result.failed).toEqual([]);
  expect(result).toMatchObject({ exitCode: 0, passed: scenarios[requirements] });
});

it("passes every scored scenario of 2026-07-28 by the SDK's own path as well", async () => {
  const running = await serve(conformanceServer, { transport: "http", port: 0, slowModern: true });

  const result = await runSuite(running.url ?? "", "2026-07-28");

  await running.close();
  expect(result.failed).toEqual([]);
  expect(result).toMatchObject({ exitCode: 0, passed: 37 });
});
