import { expect, it } from "vitest";
import { brokenExamples } from "../docs/run-examples.ts";
import { folderWith } from "./folder-with.ts";

it("runs the examples and finds one that fails, and one that prints something else than it promises", async () => {
  using folder = folderWith({
    "docs/examples/fails.ts": "process.exitCode = 3;\n",
    "docs/examples/fine.ts": "console.log(6 * 7); // → 42\n",
    "docs/examples/lies.ts": "console.log(6 * 7); // → 41\n",
  });

  const findings = await brokenExamples(folder.path);

  expect(findings.map(({ page, fact }) => `${page}: ${fact.trim()}`)).toEqual([
    "docs/examples/fails.ts: exit code 3",
    'docs/examples/lies.ts: it printed ["42"], its comments promise ["41"]',
  ]);
});

it("finds a server that answers over stdio and does not start over HTTP", async () => {
  const half = `const run = (): void => {
  if (process.argv.includes("--http")) process.exit(1);
  process.stdin.resume().on("end", () => process.stdout.write('{ "jsonrpc": "2.0", "id": 1, "result": {} }\\n'));
};
await run();
`;
  using folder = folderWith({ "docs/examples/half.ts": half });

  const [finding] = await brokenExamples(folder.path);

  expect(finding).toMatchObject({
    page: "docs/examples/half.ts",
    fact: expect.stringContaining("ended before it said what was awaited"),
  });
});
