import { setTimeout as wait } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { childEnvironment } from "../../environment.ts";
import { type Bench, type BenchRoom, defineBench } from "../../harness/define-bench.ts";
import { preciseCpuTime } from "../../load/cpu-time.ts";
import { resolveCommand } from "../../load/http-side.ts";
import { firstAnswer, type ServerCommand } from "../../load/server-process.ts";
import { appBin, kitCommand, missingBuild } from "../../sides/commands.ts";
import { createItems } from "./engines.ts";
import { enginesOf } from "./process-table.ts";

interface Shared extends AsyncDisposable {
  readonly path: string;
}

const prepare = async ({ scratch }: BenchRoom<undefined>): Promise<Shared> => {
  return { path: createItems(scratch, 1000), [Symbol.asyncDispose]: async () => {} };
};

const startSides: Record<string, (path: string) => ServerCommand> = {
  "kit, 1 tool": () => kitCommand(1, ["--transport", "stdio"]),
  "bothways sqlite": (path) => appBin("sqlite", [path]),
};

export const sqliteStart: Bench = defineBench({
  name: "sqlite",
  title: "spawn to the first initialize answer",
  metrics: { wall: { title: "time", unit: "ms" } },
  sides: startSides,
  repeat: 4,
  unavailable: (side) => missingBuild(side("")),
  prepare,
  async measure(side, room) {
    const first = await firstAnswer(room.node, resolveCommand(side(room.shared.path), room));
    return { wall: first.milliseconds };
  },
  differences: [{ of: "bothways sqlite", to: "kit, 1 tool", metric: "wall", direction: "at-most", target: 30 }],
});

const columns = 7;
const asked = 100;
const restMs = 2000;

export const sqliteAtRest: Bench = defineBench({
  name: "sqlite",
  title: "the server at rest, and what 100 rows cost as text",
  metrics: {
    engines: { title: "engines after initialize and tools/list", unit: "count" },
    cpu: { title: "CPU in 2 s at rest after a query, all processes", unit: "us" },
    text: { title: "text block", unit: "bytes" },
    objects: { title: "same rows as JSON objects", unit: "bytes" },
  },
  sides: { "bothways sqlite": undefined },
  unavailable: () => missingBuild(appBin("sqlite", [])),
  prepare,
  measure: (_, room) => atRest(room),
  values: [
    { of: "bothways sqlite", metric: "engines", direction: "at-most", target: 0 },
    { of: "bothways sqlite", metric: "cpu", direction: "at-most", target: 1000 },
  ],
  ratios: [
    {
      of: "bothways sqlite",
      to: "bothways sqlite",
      metric: "text",
      toMetric: "objects",
      direction: "at-most",
      target: 0.7,
    },
  ],
});

async function atRest({ node, shared }: BenchRoom<Shared>) {
  const command = appBin("sqlite", [shared.path]);
  const env = Object.fromEntries(Object.entries(childEnvironment()).map(([name, value]) => [name, value ?? ""]));
  const transport = new StdioClientTransport({
    command: node,
    args: [command.file, ...(command.args ?? [])],
    env,
    stderr: "ignore",
  });
  const client = new Client({ name: "bench", version: "0" });
  await client.connect(transport);
  try {
    await client.listTools();
    const server = transport.pid ?? 0;
    const engines = enginesOf(server).length;
    const query = `SELECT * FROM items LIMIT ${asked}`;
    const { content } = await client.callTool({ name: "read_query", arguments: { query } });
    // A text block: `read_query` starts with one.
    const { text } = content[0] as { text: string };
    const answer = JSON.parse(text) as { columns: string[]; rows: unknown[][] };
    if (answer.rows.length !== asked || answer.columns.length !== columns) throw new Error("not the rows asked for");
    const objects = answer.rows.map((row) =>
      Object.fromEntries(row.map((value, index) => [answer.columns[index], value])),
    );
    return {
      engines,
      cpu: await cpuAtRest(server),
      text: Buffer.byteLength(text),
      objects: Buffer.byteLength(JSON.stringify(objects)),
    };
  } finally {
    await client.close();
  }
}

/** Engines look after themselves for a second after their last job; rest begins then. */
async function cpuAtRest(server: number): Promise<number> {
  await wait(1500);
  const pids = [server, ...enginesOf(server)];
  const used = (): number => pids.reduce((sum, pid) => sum + preciseCpuTime(pid), 0);
  const before = used();
  await wait(restMs);
  return used() - before;
}
