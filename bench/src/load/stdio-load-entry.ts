import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { childEnvironment } from "../environment.ts";
import { LevelClock } from "./level-clock.ts";
import type { Level, LoadReport, StdioPlan } from "./plan.ts";
import { initializedMessage, initializeMessage, stampId } from "./requests.ts";
import { takeOrders } from "./take-orders.ts";

const newline = 0x0a;
let lastId = 0;

/** Reads lines only as far as load needs: how many have ended. */
class LineCounter {
  /** Called once for each complete line of output. */
  onLine: () => void = () => {};
  #first: string | undefined;
  readonly #expect: string;

  /** @param expect Must occur in the first line after `arm`. */
  constructor(expect: string) {
    this.#expect = expect;
  }

  arm(): void {
    this.#first = "";
  }

  feed(chunk: Buffer): void {
    if (this.#first !== undefined) this.#check(chunk);
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) this.onLine();
  }

  #check(chunk: Buffer): void {
    const first = this.#first + chunk.toString("latin1");
    this.#first = first.includes("\n") ? undefined : first;
    if (this.#first !== undefined || first.includes(this.#expect)) return;
    throw new Error(`Unexpected answer: ${first.slice(0, 600)}`);
  }
}

async function runLevel(
  plan: StdioPlan,
  level: Level,
  server: ChildProcessWithoutNullStreams,
  lines: LineCounter,
): Promise<LoadReport> {
  const clock = new LevelClock(level, server.pid ?? 0, ownCpu);
  const waiting: number[] = [];
  await new Promise<void>((resolve) => {
    let open = true;
    let inFlight = 0;
    const send = (): void => {
      lastId += 1;
      stampId(plan.template, lastId);
      inFlight += 1;
      waiting.push(performance.now());
      // A copy, because a write may still wait for the pipe when the next id is stamped.
      server.stdin.write(Buffer.from(plan.template.bytes));
    };
    lines.onLine = () => {
      inFlight -= 1;
      // First in, first out: exact with one in flight, a fair estimate with more.
      if (!clock.count(waiting.shift() ?? Number.NaN)) open = false;
      if (open) send();
      else if (inFlight === 0) resolve();
    };
    for (let index = 0; index < level.inFlight; index += 1) send();
  });
  return clock.report();
}

async function openServer(plan: StdioPlan): Promise<(level: Level) => Promise<LoadReport>> {
  const template = { bytes: Buffer.from(plan.template.bytes), idAt: plan.template.idAt };
  const { node, command } = plan;
  const server = spawn(node, [...(command.nodeArgs ?? []), command.file, ...(command.args ?? [])], {
    env: childEnvironment(command.env),
    stdio: "pipe",
  });
  process.once("exit", () => server.kill("SIGTERM"));
  const died = diesWith(server, command.file);
  const lines = new LineCounter(plan.expect);
  await Promise.race([openConnection(server, lines), died]);
  return (level) => Promise.race([runLevel({ ...plan, template }, level, server, lines), died]);
}

/** Rejects when the server ends, with the last words it wrote. */
function diesWith(server: ChildProcessWithoutNullStreams, file: string): Promise<never> {
  let words = "";
  server.stderr.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-1000);
  });
  const died = once(server, "exit").then(([code]) => {
    throw new Error(`${file} ended with ${String(code)} under load: ${words}`);
  });
  died.catch(() => {});
  return died;
}

async function openConnection(server: ChildProcessWithoutNullStreams, lines: LineCounter): Promise<void> {
  const initialized = new Promise<void>((resolve) => {
    lines.onLine = resolve;
  });
  server.stdout.on("data", (chunk: Buffer) => lines.feed(chunk));
  server.stdin.write(`${initializeMessage}\n`);
  await initialized;
  server.stdin.write(`${initializedMessage}\n`);
  lines.arm();
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

// `openLoad("stdio", …)` sends exactly this.
takeOrders(process, (message) => openServer(message as StdioPlan));
