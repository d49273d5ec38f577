import { serve } from "@bothways/kit";
import { runSuite } from "../packages/kit/test/fixtures/conformance/run-suite.ts";
import { conformanceServer } from "../packages/kit/test/fixtures/conformance/server.ts";

// Both frozen requirement sets against the fixture server, no baseline; prints each scenario and a closing line.
const running = await serve(conformanceServer, { transport: "http", port: 0 });
let passed = 0;
let failed = 0;
for (const requirements of ["2025-11-25", "2026-07-28"] as const) {
  const result = await runSuite(running.url ?? "", requirements);
  process.stdout.write(`${requirements}: ${result.passed} scored scenarios passed, ${result.failed.length} failed\n`);
  for (const name of result.failed) process.stdout.write(`  failed: ${name}\n`);
  passed += result.passed;
  failed += result.exitCode === 0 ? result.failed.length : Math.max(1, result.failed.length);
}
await running.close();
process.stdout.write(`\n${passed} passed, ${failed} failed, 0 skipped\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
