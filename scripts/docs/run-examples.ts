import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expectCleanStdout, type SpawnedServer, spawnServer } from "@bothways/kit/testing";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Finding } from "./page.ts";

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "docs", version: "1" } },
};

/**
 * Runs every file of `docs/examples`: a server (`await run(…)`) over stdio and over HTTP, with the arguments of its
 * line `// Start: node <file> <arguments>`; a program to its end, printing what its comments `// → …` promise.
 */
export async function brokenExamples(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const page of globSync("docs/examples/*.ts", { cwd: root }).toSorted()) {
    const source = readFileSync(join(root, page), "utf8");
    // An example that ends early rejects whatever was awaited of it.
    const fact = await problemOf(root, page, source).catch(String);
    if (fact !== undefined) findings.push({ page, fact, repair: `Run it: npx -y pnpm@12 exec node ${flags} ${page}` });
  }
  return findings;
}

async function problemOf(root: string, page: string, source: string): Promise<string | undefined> {
  if (!/^await run\(/m.test(source)) return program(root, page, source);
  return (await overStdio(root, page, source)) ?? overHttp(root, page, source);
}

const flags = "-C @bothways/source";

function start(root: string, page: string, args: readonly string[]): SpawnedServer {
  return spawnServer(process.execPath, { args: [...flags.split(" "), page, ...args], cwd: root, env: process.env });
}

function startArguments(page: string, source: string): string[] {
  const line = source.split("\n").find((text) => text.startsWith(`// Start: node ${basename(page)} `));
  return line === undefined ? [] : line.split(" ").slice(4);
}

async function program(root: string, page: string, source: string): Promise<string | undefined> {
  await using run = start(root, page, []);
  const code = await run.exited;
  if (code !== 0) return `exit code ${code}\n${run.errors()}`;
  const promised = Array.from(source.matchAll(/\/\/ → (.*)$/gm), ([, text = ""]) => text);
  if (run.lines.join("\n") === promised.join("\n")) return undefined;
  return `it printed ${JSON.stringify(run.lines)}, its comments promise ${JSON.stringify(promised)}`;
}

async function overStdio(root: string, page: string, source: string): Promise<string | undefined> {
  await using server = start(root, page, startArguments(page, source));
  server.send(initialize);
  server.child.stdin.end();
  const code = await server.exited;
  if (code !== 0) return `exit code ${code} over stdio\n${server.errors()}`;
  expectCleanStdout(server.lines);
  return server.lines.length === 1 ? undefined : `${server.lines.length} answers over stdio instead of one`;
}

async function overHttp(root: string, page: string, source: string): Promise<string | undefined> {
  await using server = start(root, page, [...startArguments(page, source), "--http", "--port", "0"]);
  await server.stderrHas(" because=");
  const url = / url=(\S+)/.exec(server.errors())?.[1] ?? "";
  const client = new Client({ name: "docs", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  await client.close();
  server.child.kill("SIGTERM");
  const code = await server.exited;
  return code === 0 ? undefined : `exit code ${code} over HTTP\n${server.errors()}`;
}
