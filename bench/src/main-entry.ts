import { parseArgs } from "node:util";
import { benches } from "./benches/index.ts";
import { describeMachine } from "./harness/machine.ts";
import { printText } from "./harness/print-text.ts";
import { type BenchResult, runBench } from "./harness/run-bench.ts";
import { stripSides } from "./sides/strip-sides.ts";

const names = [...new Set(benches.map(({ name }) => name))];
const usage = `pnpm bench [${names.join("|")}] [--rounds N] [--quick] [--json]

  --rounds N   rounds that count, after one that is dropped   (default 5; 3 with --quick)
  --quick      shorter measurements
  --json       print one JSON document instead of tables
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const unknown = positionals.find((name) => !names.includes(name));
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
if (values.help) process.stdout.write(usage);
else if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(unknown === undefined ? "--rounds takes a whole number from 1.\n" : `No bench "${unknown}".\n`);
  process.stderr.write(usage);
  process.exitCode = 2;
} else await main();

async function main(): Promise<void> {
  const machine = describeMachine(process.version);
  const config = { rounds, quick: values.quick, node: process.execPath, sides: await stripSides(), progress };
  const results: BenchResult[] = [];
  for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const result = await runBench(bench, config);
    results.push(result);
    if (!values.json) process.stdout.write(printText(result));
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, rounds, quick: values.quick, results }, null, 2)}\n`);
}

function progress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
}
