import { mkdirSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Bench, type BenchRoom, defineBench } from "../../harness/define-bench.ts";
import { official, ours, Servers, type ToolSide, whyNot } from "./sides.ts";

interface Small extends AsyncDisposable {
  readonly directory: string;
  readonly servers: Servers;
}

const files = 200;
const reads = 2000;
const inFlight = 20;
const writes = 50;

async function prepare({ node, scratch }: BenchRoom<undefined>): Promise<Small> {
  const directory = join(scratch, "small");
  mkdirSync(directory);
  for (let index = 0; index < files; index += 1)
    writeFileSync(pathOf(directory, index), `text of a file\n`.repeat(100));
  const servers = new Servers(node, directory);
  return { directory, servers, [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose]() };
}

function pathOf(directory: string, index: number): string {
  return join(directory, `f${index % files}.txt`);
}

const input = (): object => ({});

/** Many small reads at a time. */
export const smallReads: Bench = defineBench({
  name: "filesystem",
  title: "2,000 reads of 1.5 KB, 20 in flight",
  metrics: { rate: { title: "reads", unit: "per-second" } },
  sides: {
    official: { command: official, tool: "read_text_file", input },
    ours: { command: ours(), tool: "read_text_file", input },
  } satisfies Record<string, ToolSide>,
  unavailable: whyNot,
  prepare,
  async measure(side: ToolSide, { shared: { directory, servers } }) {
    const caller = await servers.caller(side);
    let next = 0;
    const start = performance.now();
    const read = async (): Promise<void> => {
      while (next < reads) {
        next += 1;
        await caller.call(side.tool, { path: pathOf(directory, next) });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, read));
    return { rate: (reads / (performance.now() - start)) * 1000 };
  },
  ratios: [{ of: "ours", to: "official", metric: "rate", direction: "at-least", target: 2 }],
});

const content = "0123456789".repeat(2048);

/** A write that survives a power failure, against the system calls it consists of. */
export const durableWrites: Bench = defineBench({
  name: "filesystem",
  title: "write_file of 20 KB, durable",
  metrics: { wall: { title: "one write", unit: "ms" } },
  sides: {
    "bare temp + rename": undefined,
    ours: { command: ours(), tool: "write_file", input },
  } satisfies Record<string, ToolSide | undefined>,
  unavailable: (side) => side && whyNot(side),
  prepare,
  async measure(side: ToolSide | undefined, { shared: { directory, servers } }) {
    const caller = side && (await servers.caller(side));
    const path = join(directory, side ? "ours.txt" : "bare.txt");
    const start = performance.now();
    for (let index = 0; index < writes; index += 1) {
      if (caller) await caller.call("write_file", { path, content });
      else await writeBare(directory, path);
    }
    return { wall: (performance.now() - start) / writes };
  },
  ratios: [{ of: "ours", to: "bare temp + rename", metric: "wall", direction: "at-most", target: 2.5 }],
});

async function writeBare(directory: string, path: string): Promise<void> {
  const file = await open(`${path}.tmp`, "wx");
  await file.writeFile(content);
  await file.sync();
  await file.close();
  await rename(`${path}.tmp`, path);
  const parent = await open(directory, "r");
  await parent.sync();
  await parent.close();
}
