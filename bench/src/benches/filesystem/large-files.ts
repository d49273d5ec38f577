import { closeSync, openSync, readFileSync, utimesSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Bench, type BenchRoom, defineBench } from "../../harness/define-bench.ts";
import { missingBuild } from "../../sides/commands.ts";
import { ours, runProgram, Servers, type ToolSide } from "./sides.ts";

const mib = 1 << 20;
const linesOfMib = 10_485;
const farLine = 10_000_000;
const server: ToolSide = { command: ours(), tool: "read_text_file", input: () => ({}) };

/** Writes a file of lines of a hundred bytes. */
function writeLines(path: string, size: number): void {
  const block = Buffer.alloc(mib, `${"x".repeat(99)}\n`);
  const fd = openSync(path, "w");
  for (let written = 0; written < size; written += mib) writeSync(fd, block);
  closeSync(fd);
}

interface Large extends AsyncDisposable {
  readonly directory: string;
  readonly servers: Servers;
}

async function withFiles({ node, scratch }: BenchRoom<undefined>): Promise<Large> {
  writeLines(join(scratch, "small.txt"), mib);
  writeLines(join(scratch, "large.txt"), 1024 * mib);
  const servers = new Servers(node, scratch);
  return { directory: scratch, servers, [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose]() };
}

/** Bytes a process has read so far, from files and pipes. */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? Number.NaN);
}

const common = {
  name: "filesystem",
  unavailable: () => missingBuild(server.command(".")),
  prepare: withFiles,
} as const;

/** Reading a part of a large file must not cost more than of a small one. */
export const largeFilePages: Bench = defineBench({
  ...common,
  title: "tail and a page of 1 GiB",
  metrics: {
    tail: { title: "tail:100", unit: "ms" },
    tailBytes: { title: "read for it", unit: "bytes" },
    page: { title: "cursor page", unit: "ms" },
    pageBytes: { title: "read for it", unit: "bytes" },
  },
  sides: { "1 MiB": "small.txt", "1 GiB": "large.txt" },
  repeat: 4,
  async measure(path, { shared }) {
    const caller = await shared.servers.caller(server);
    const { answer } = await caller.call(server.tool, { path, maxBytes: 65_536 });
    const cursor = answer.structuredContent?.["nextCursor"];
    const before = bytesRead(caller.pid);
    const tail = await caller.call(server.tool, { path, tail: 100 });
    const between = bytesRead(caller.pid);
    const page = await caller.call(server.tool, { path, cursor, maxBytes: 65_536 });
    const after = bytesRead(caller.pid);
    return { tail: tail.wall, tailBytes: between - before, page: page.wall, pageBytes: after - between };
  },
  ratios: [
    { of: "1 GiB", to: "1 MiB", metric: "tail", direction: "at-most", target: 3 },
    { of: "1 GiB", to: "1 MiB", metric: "page", direction: "at-most", target: 3 },
  ],
  values: [
    { of: "1 GiB", metric: "tailBytes", direction: "at-most", target: mib },
    { of: "1 GiB", metric: "pageBytes", direction: "at-most", target: mib },
  ],
});

/** Finding a line far into a file, and another one near it. */
export const largeFileOffset: Bench = defineBench({
  ...common,
  title: "offset 10,000,000 in 1 GiB",
  metrics: { first: { title: "first", unit: "ms" }, second: { title: "second, nearby", unit: "ms" } },
  sides: { "wc -l": "program", ours: "server" },
  async measure(side, { shared: { directory, servers } }) {
    if (side === "program") return { first: await runProgram({ program: "wc", args: ["-l", "large.txt"] }, directory) };
    // With a new time it is a new file: nothing is remembered of it.
    const now = new Date();
    utimesSync(join(directory, "large.txt"), now, now);
    const caller = await servers.caller(server);
    const first = await caller.call(server.tool, { path: "large.txt", offset: farLine, limit: 100 });
    const nearby = { path: "large.txt", offset: farLine + linesOfMib, limit: 100 };
    const second = await caller.call(server.tool, nearby);
    return { first: first.wall, second: second.wall };
  },
  ratios: [{ of: "ours", to: "wc -l", metric: "first", direction: "at-most", target: 4 }],
  values: [{ of: "ours", metric: "second", direction: "at-most", target: 50 }],
});
