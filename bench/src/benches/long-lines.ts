import { once } from "node:events";
import { type Bench, defineBench } from "../harness/define-bench.ts";
import { resolveCommand } from "../load/http-side.ts";
import { type ServerCommand, type StdioServerProcess, startStdioServer } from "../load/server-process.ts";
import { kitCommand, missingBuild, peer } from "../sides/commands.ts";

const sides: Record<string, ServerCommand> = {
  "SDK v2": peer("sdk2-stdio-entry.mjs", 2),
  kit: kitCommand(2, ["--transport", "stdio"]),
};

const megabyte = 1_000_000;
const slice = 4096;

export const longLines: Bench = defineBench({
  name: "stdio",
  title: "one long line on stdin (K3)",
  metrics: {
    four: { title: "4 MB", unit: "ms" },
    eight: { title: "8 MB", unit: "ms" },
    nine: { title: "9 MB", unit: "ms" },
    sliced: { title: "9 MB in 4 KiB writes", unit: "ms" },
  },
  sides,
  unavailable: missingBuild,
  async measure(side, room) {
    await using server = await startStdioServer(room.node, resolveCommand(side, room));
    return {
      four: await timeLine(server, 4 * megabyte, false),
      eight: await timeLine(server, 8 * megabyte, false),
      nine: await timeLine(server, 9 * megabyte, false),
      sliced: await timeLine(server, 9 * megabyte, true),
    };
  },
  values: [
    { of: "kit", metric: "nine", direction: "at-most", target: 400 },
    { of: "kit", metric: "sliced", direction: "at-most", target: 400 },
  ],
  ratios: [
    {
      of: "kit",
      to: "kit",
      metric: "eight",
      toMetric: "four",
      direction: "at-most",
      target: 3,
      title: "kit: 8 MB ÷ 4 MB",
    },
    { of: "kit", to: "SDK v2", metric: "nine", direction: "at-most" },
    { of: "kit", to: "SDK v2", metric: "sliced", direction: "at-most" },
  ],
});

let lastId = 1;

async function timeLine({ child }: StdioServerProcess, size: number, sliced: boolean): Promise<number> {
  lastId += 1;
  const params = { name: "count", arguments: { text: "x".repeat(size) } };
  const line = Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", id: lastId, method: "tools/call", params })}\n`);
  const started = performance.now();
  const answered = nextLine(child.stdout);
  const step = sliced ? slice : line.length;
  for (let at = 0; at < line.length; at += step) {
    // Waiting for each write keeps Node from joining them.
    await new Promise<void>((resolve) => child.stdin.write(line.subarray(at, at + step), () => resolve()));
  }
  const answer = await answered;
  if (!answer.includes(String(size))) throw new Error(`Unexpected answer: ${answer.slice(0, 300)}`);
  return performance.now() - started;
}

async function nextLine(output: NodeJS.ReadableStream): Promise<string> {
  let line = "";
  while (!line.includes("\n")) {
    const [chunk] = await once(output, "data");
    line += String(chunk);
  }
  return line;
}
