import { parseArgs } from "node:util";
import { benches } from "./benches/index.ts";
import { describeMachine } from "./harness/machine.ts";
import { printText } from "./harness/print-text.ts";
import { type BenchResult, runBench } from "./harness/run-bench.ts";
import { writeDocs } from "./harness/write-docs.ts";
import { stripSides } from "./sides/strip-sides.ts";

const names = [...new Set(benches.map(({ name }) => name))];
const usage = `pnpm bench [${names.join("|")} …] [--rounds N] [--quick] [--json | --write]

  --rounds N   rounds that count, after one that is dropped   (default 5; 3 with --quick)
  --quick      shorter measurements
  --json       print one JSON document instead of tables
  --write      put the tables and plots into docs/performance.md; runs everything
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
const complaint = complaintAbout();
if (values.help) process.stdout.write(usage);
else if (complaint === undefined) await main();
else {
  process.stderr.write(`${complaint}\n\n${usage}`);
  process.exitCode = 2;
}

function complaintAbout(): string | undefined {
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) return `There is no bench "${unknown}".`;
  if (!Number.isInteger(rounds) || rounds < 1) return "--rounds takes a whole number from 1.";
  if (values.write && positionals.length > 0) return "--write documents one run of everything; leave out the names.";
  return undefined;
}

async function main(): Promise<void> {
  const machine = describeMachine(process.version);
  const config = { rounds, quick: values.quick, node: process.execPath, sides: await stripSides(), progress };
  const results: BenchResult[] = [];
  for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const result = await runBench(bench, config);
    results.push(result);
    if (!values.json) process.stdout.write(printText(result));
  }
  const command = ["npx -y pnpm@12 bench", ...process.argv.slice(2)].join(" ");
  const record = { machine, command, results };
  if (values.json) process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
  if (values.write) process.stdout.write(`\nWritten to ${await writeDocs(record, benches)}\n`);
}

function progress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
}
