import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { type Demo, demos } from "./start/demos.ts";
import { screen } from "./start/screen.ts";
import { type ServerProcess, startSomewhere } from "./start/server-process.ts";

interface Started {
  readonly demo: Demo;
  readonly server: ServerProcess;
  readonly url: string;
  readonly moved: boolean;
  readonly stdioArgs: readonly string[];
}

const { values } = parseArgs({
  options: {
    once: { type: "boolean", default: false },
    ports: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), "bothways-demo-"));
const started: Started[] = [];
let stopping: Promise<void> | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));

for (const demo of demos) await startDemo(demo);
if (started.length === 0) await stop(1);
process.stdout.write(`${screen(started.map(({ demo, ...shown }) => ({ name: demo.name, ...shown })))}\n`);
const answers = await Promise.all(started.map(firstAnswer));
const allAnswered = answers.every(Boolean) && started.length === demos.length;
if (values.once) await stop(allAnswered ? 0 : 1);
else process.stdout.write("Serving until Ctrl-C.\n");

async function startDemo(demo: Demo): Promise<void> {
  const data = join(folder, demo.name);
  await mkdir(data);
  const args = await demo.prepare(data);
  const first = demos[0]?.port ?? demo.port;
  const port = values.ports === undefined ? demo.port : Number(values.ports) + demo.port - first;
  try {
    const { server, url, moved } = await startSomewhere(demo.name, args, port);
    started.push({ demo, server, url, moved, stdioArgs: args });
    void server.gone.then(() => reportDeath(demo, server));
  } catch (error) {
    process.stderr.write(`${demo.name} did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Calls one tool through a real MCP client, so that a newcomer sees it work. */
async function firstAnswer({ demo, url }: Started): Promise<boolean> {
  const client = new Client({ name: "bothways-start", version: "1" }, { versionNegotiation: { mode: "auto" } });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    const result = await client.callTool(demo.firstCall);
    const [block] = result.content;
    const text = block?.type === "text" ? block.text : JSON.stringify(block);
    process.stdout.write(`${demo.name}: ${demo.firstCall.name} answered\n${indent(text)}\n`);
    return result.isError !== true;
  } catch (error) {
    process.stderr.write(`${demo.name}: no answer (${error instanceof Error ? error.message : String(error)})\n`);
    return false;
  } finally {
    await client.close();
  }
}

function indent(text: string): string {
  const lines = text.trimEnd().split("\n").slice(0, 8);
  return lines.map((line) => `  | ${line.slice(0, 96)}`).join("\n");
}

function reportDeath(demo: Demo, server: ServerProcess): void {
  if (stopping) return;
  process.stderr.write(`${demo.name} ended by itself:\n${server.tail()}\n`);
  if (started.every((other) => other.server.child.exitCode !== null)) void stop(1);
}

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    for (const { server } of started) server.child.kill("SIGTERM");
    await Promise.all(started.map(({ server }) => server.gone));
    if (!values.keep) await rm(folder, { recursive: true, force: true });
    process.exit(code);
  })();
  return stopping;
}
