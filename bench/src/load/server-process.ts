import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { childEnvironment } from "../environment.ts";
import { preciseCpuTime } from "./cpu-time.ts";
import { initializeMessage } from "./requests.ts";

/** How a server is started with Node. */
export interface ServerCommand {
  readonly file: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A server that listens on loopback; disposing ends it. */
export interface HttpServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

const startLimit = 20_000;
const endLimit = 3000;

/** Starts an HTTP server and waits until it has printed its URL on stderr. */
export async function startHttpServer(
  node: string,
  command: ServerCommand,
  withMessages = false,
): Promise<HttpServerProcess> {
  const child = spawn(node, [...(command.nodeArgs ?? []), command.file, ...(command.args ?? [])], {
    env: childEnvironment(command.env),
    stdio: ["ignore", "ignore", "pipe", ...(withMessages ? (["ipc"] as const) : [])],
  });
  try {
    const port = await announcedPort(child, command.file);
    return { child, pid: child.pid ?? 0, port, [Symbol.asyncDispose]: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function announcedPort(child: ChildProcess, file: string): Promise<number> {
  let seen = "";
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const limit = setTimeout(() => reject(new Error(`${file} did not say where it listens: ${seen}`)), startLimit);
  child.stderr?.on("data", (chunk: Buffer) => {
    // Only the start matters; afterwards the pipe is just drained.
    if (seen.length < 4000) seen += chunk.toString();
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(seen)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  child.once("exit", (code) => reject(new Error(`${file} ended with ${String(code)}: ${seen}`)));
  child.once("error", reject);
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
  }
}

/** From spawn to the first line of output; the server is ended afterwards. */
export interface FirstAnswer {
  readonly milliseconds: number;
  /** CPU time spent by the process until then, in milliseconds. */
  readonly cpu: number;
}

/** Spawns a stdio server, sends `initialize` at once and times the first answer. */
export async function firstAnswer(node: string, command: ServerCommand): Promise<FirstAnswer> {
  await using server = await startStdioServer(node, command);
  return server.first;
}

/** A stdio server that has answered `initialize`. */
export interface StdioServerProcess extends AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly pid: number;
  readonly first: FirstAnswer;
}

/** Starts a stdio server and waits for the answer to `initialize`. */
export async function startStdioServer(node: string, command: ServerCommand): Promise<StdioServerProcess> {
  const started = performance.now();
  const child = spawn(node, [...(command.nodeArgs ?? []), command.file, ...(command.args ?? [])], {
    env: childEnvironment(command.env),
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  child.stdin.write(`${initializeMessage}\n`);
  const { promise, resolve, reject } = Promise.withResolvers<FirstAnswer>();
  const limit = setTimeout(() => reject(new Error(`${command.file} did not answer initialize.`)), startLimit);
  child.stdout.on("data", (chunk: Buffer) => {
    if (!chunk.includes(0x0a)) return;
    resolve({ milliseconds: performance.now() - started, cpu: preciseCpuTime(child.pid ?? 0) / 1000 });
  });
  child.once("exit", (code) => reject(new Error(`${command.file} ended with ${String(code)} before it answered.`)));
  child.once("error", reject);
  try {
    const first = await promise;
    return { child, pid: child.pid ?? 0, first, [Symbol.asyncDispose]: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  } finally {
    clearTimeout(limit);
  }
}

/** Runs a program that says nothing, from spawn to exit. */
export async function wholeRun(node: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(node, args, { env: childEnvironment(), stdio: "ignore" });
  await once(child, "exit");
  return performance.now() - started;
}

/** Lets a server end by itself first: some write their compile cache on the way out. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  if (child.stdin === null) child.kill("SIGTERM");
  const limit = setTimeout(() => child.kill("SIGKILL"), endLimit);
  await exited;
  clearTimeout(limit);
}
