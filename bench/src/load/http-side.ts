import { isAbsolute, join } from "node:path";
import type { BenchRoom, MetricInfo } from "../harness/define-bench.ts";
import { type Load, openLoad, warmUp } from "./drive.ts";
import type { HttpPlan, LoadReport } from "./plan.ts";
import {
  brokenTemplate,
  headersOf,
  httpTemplate,
  initializedMessage,
  initializeMessage,
  type RequestTemplate,
} from "./requests.ts";
import { type HttpServerProcess, type ServerCommand, startHttpServer } from "./server-process.ts";

/** An HTTP server and how it is called. */
export interface HttpSide {
  /** `file` may be a name in the folder of the sides. */
  readonly command: ServerCommand;
  readonly wire: "modern" | "stateless" | "session";
  /** Sessions that are open and take calls in turn. @default 1 */
  readonly sessions?: number;
  /** Bytes of text that the echo tool is sent. @default 100 */
  readonly textBytes?: number;
  /** `broken` is a call whose JSON never ends, which a server refuses with 400. @default a `tools/call` of echo */
  readonly request?: "tools/list" | "broken";
}

/** Starts the side's server. */
export function startSide(side: HttpSide, room: BenchRoom<unknown>, withMessages = false): Promise<HttpServerProcess> {
  return startHttpServer(room.node, resolveCommand(side.command, room), withMessages);
}

/** A command whose file is a path. */
export function resolveCommand(command: ServerCommand, room: BenchRoom<unknown>): ServerCommand {
  return isAbsolute(command.file) ? command : { ...command, file: join(room.sides, command.file) };
}

/** Starts the side and warms it up; calls of later levels find a compiled server. */
export async function openHttpLoad(side: HttpSide, room: BenchRoom<unknown>, mostInFlight: number): Promise<Load> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startSide(side, room));
  const load = stack.use(
    await openLoad("http", {
      port: server.port,
      serverPid: server.pid,
      templates: await templatesFor(side, server.port, mostInFlight),
      ...expectedOf(side),
    }),
  );
  await load.run(warmUp(room.quick, Math.min(16, mostInFlight)));
  const owned = stack.move();
  return { run: (level) => load.run(level), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function expectedOf({ request }: HttpSide): Pick<HttpPlan, "expect" | "status"> {
  if (request === "broken") return { expect: "-32700", status: 400 };
  return { expect: request === "tools/list" ? '"tools":[' : '"text":"xxxx', status: 200 };
}

async function templatesFor(side: HttpSide, port: number, atLeast: number): Promise<RequestTemplate[]> {
  const size = side.textBytes ?? 100;
  if (side.request === "broken") return Array.from({ length: atLeast }, () => brokenTemplate(port, size));
  const method = side.request ?? "tools/call";
  const text = "x".repeat(size);
  const params = method === "tools/list" ? {} : { name: "echo", arguments: { text } };
  if (side.wire !== "session") {
    const { wire } = side;
    return Array.from({ length: atLeast }, () => httpTemplate(port, { kind: wire }, method, params));
  }
  const ids: string[] = [];
  for (let index = 0; index < (side.sessions ?? 1); index += 1) ids.push(await openSession(port));
  return Array.from({ length: Math.max(atLeast, ids.length) }, (_, index) => {
    const sessionId = ids[index % ids.length] ?? "";
    return httpTemplate(port, { kind: "session", sessionId }, method, params);
  });
}

/** Opens a 2025 session and returns its id. */
export async function openSession(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}/mcp`;
  const headers = headersOf({ kind: "stateless" }, "initialize", {});
  const opened = await fetch(url, { method: "POST", headers, body: initializeMessage });
  await opened.text();
  const sessionId = opened.headers.get("mcp-session-id");
  if (sessionId === null) throw new Error(`initialize was answered with ${opened.status} and without a session id.`);
  const sessionHeaders = headersOf({ kind: "session", sessionId }, "notifications/initialized", {});
  await (await fetch(url, { method: "POST", headers: sessionHeaders, body: initializedMessage })).text();
  return sessionId;
}

/** Metric names of one level, as `loadMetrics` declares and `valuesOf` fills them. */
export type LoadMetric<Count extends number> = `${"cpu" | "rate" | "p50-" | "p99-" | "generator"}${Count}`;

/** Declares the metrics of some levels. */
export function loadMetrics<Count extends number>(counts: readonly Count[]): Record<LoadMetric<Count>, MetricInfo> {
  const kinds = [
    { key: "cpu", title: "CPU per call", unit: "us" },
    { key: "rate", title: "calls", unit: "per-second" },
    { key: "p50-", title: "p50", unit: "us" },
    { key: "p99-", title: "p99", unit: "us" },
    { key: "generator", title: "generator's CPU", unit: "share" },
  ] as const;
  const entries = kinds.flatMap(({ key, title, unit }) =>
    counts.map((count) => [`${key}${count}`, { title: `${title}, ${count} in flight`, unit, group: title }]),
  );
  // The keys are built from the same two lists as the type.
  return Object.fromEntries(entries) as Record<LoadMetric<Count>, MetricInfo>;
}

/** The numbers of some reports under the names of `loadMetrics`. */
export function valuesOf(reports: readonly LoadReport[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const report of reports) {
    values[`cpu${report.inFlight}`] = report.cpuPerCall;
    values[`rate${report.inFlight}`] = report.perSecond;
    values[`p50-${report.inFlight}`] = report.p50;
    values[`p99-${report.inFlight}`] = report.p99;
    values[`generator${report.inFlight}`] = report.generatorShare;
  }
  return values;
}
