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

/** What was asked for on the command line. */
interface Orders {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly output: "text" | "json" | "docs" | "help";
}

/** @throws {Error} with a sentence for the user. */
function parseOrders(argv: readonly string[]): Orders {
  const { values, positionals } = parseArgs({
    args: argv.filter((word) => word !== "--"),
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
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no bench "${unknown}".`);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1.");
  if (values.write && positionals.length > 0)
    throw new Error("--write documents one run of everything: name no bench.");
  const output = values.help ? "help" : values.write ? "docs" : values.json ? "json" : "text";
  return { names: positionals.length === 0 ? names : positionals, rounds, quick: values.quick, output };
}

async function carryOut({ names: wanted, rounds, quick, output }: Orders): Promise<void> {
  if (output === "help") return void process.stdout.write(usage);
  const machine = describeMachine(process.version);
  const config = { rounds, quick, node: process.execPath, sides: await stripSides(), progress };
  const results: BenchResult[] = [];
  for (const bench of benches.filter(({ name }) => wanted.includes(name))) {
    const result = await runBench(bench, config);
    results.push(result);
    if (output !== "json") process.stdout.write(printText(result));
  }
  const command = ["npx -y pnpm@12 bench", ...process.argv.slice(2)].join(" ");
  const record = { machine, command, results };
  if (output === "json") process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
  if (output === "docs") process.stdout.write(`\nWritten to ${await writeDocs(record, benches)}\n`);
}

function progress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
}

try {
  await carryOut(parseOrders(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
