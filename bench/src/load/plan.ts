import type { RequestTemplate } from "./requests.ts";
import type { ServerCommand } from "./server-process.ts";

/** One stretch of load: so many calls in flight, until the first of the two limits is reached. */
export interface Level {
  readonly inFlight: number;
  readonly seconds: number;
  /** @default `maxCalls` */
  readonly calls?: number;
}

/** What a generator process is told before its first level. */
export interface HttpPlan {
  readonly port: number;
  readonly serverPid: number;
  /** Used in turn, each by one connection at a time; there must be at least as many as calls in flight. */
  readonly templates: readonly RequestTemplate[];
  /** Must occur in the first answer on every connection. */
  readonly expect: string;
  /** Status that every answer must have. */
  readonly status: number;
}

/** The generator starts the server itself, because it has to hold its pipes. */
export interface StdioPlan {
  readonly node: string;
  readonly command: ServerCommand;
  readonly template: RequestTemplate;
  readonly expect: string;
}

/** What one level gave. Times in microseconds. */
export interface LoadReport {
  readonly inFlight: number;
  readonly calls: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU of the server process for each call. */
  readonly cpuPerCall: number;
  /** CPU of the generator as a share of one core; near 1 means that calls/s is its limit and not the server's. */
  readonly generatorShare: number;
}

/** What a generator process may be sent: its plan first, then levels, one after the other. */
export type Order<Plan> = { readonly plan: Plan } | { readonly level: Level };

/** What it answers to each. */
export type OrderAnswer = { readonly ready: true } | { readonly report: LoadReport } | { readonly error: string };

/** Calls of one level at most, so that a run is bounded in count as well as in time. */
export const maxCalls = 1_000_000;
