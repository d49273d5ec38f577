import { z } from "zod";
import type { LogFormat, LogLevel } from "../observe/logger.ts";
import { allowedHost, allowedOrigin, bindHost, endpointPath, publicUrl } from "./addresses.ts";
import { bytes, duration, path } from "./kinds.ts";
import { option } from "./option.ts";

/** The kit's own options, resolved: durations in milliseconds, sizes in bytes. */
export interface KitOptions {
  /** What was asked for; `auto` when nobody asked. */
  readonly transport: "auto" | "stdio" | "http" | "sse";
  /** Address or name without brackets. */
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  readonly socket: string | undefined;
  /** Raw path of the endpoint, starting with a slash. */
  readonly path: string;
  /** Canonical endpoint URL: scheme and host in lower case, no slash added. */
  readonly publicUrl: string | undefined;
  /** Host names besides the loopback ones, in lower case, IPv6 in brackets. */
  readonly allowedHosts: readonly string[];
  /** Origins besides the server's own, as browsers write them. */
  readonly allowedOrigins: readonly string[];
  readonly auth: "none" | "token" | "oauth";
  readonly allowUnauthenticated: boolean;
  readonly readOnly: boolean;
  /** JSON text. */
  readonly claims: string | undefined;
  readonly maxBody: number;
  readonly sessions: "sessions" | "stateless" | "reject";
  readonly maxSessions: number;
  readonly sessionIdle: number;
  readonly sessionMaxAge: number;
  readonly keepalive: number;
  readonly shutdownTimeout: number;
  readonly validateOutput: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly interactive: boolean;
  readonly config: string | undefined;
  readonly explain: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** Schema of `KitOptions`, one field each. */
export type KitSchema = z.ZodObject<{ [Key in keyof KitOptions]: z.ZodType<KitOptions[Key]> }>;

/** What a server definition says about the kit's defaults. */
export interface KitDefaults {
  readonly defaultPort: number;
  /** Bytes. @default 1048576 */
  readonly maxBody?: number | undefined;
}

/** The kit's own options for one server. */
export function createKitSchema(defaults: KitDefaults): KitSchema {
  return z.object({
    ...transportFields(defaults.defaultPort),
    ...edgeFields(defaults.maxBody ?? 1_048_576),
    ...sessionFields(),
    ...processFields(),
  });
}

type Fields<Key extends keyof KitOptions> = Pick<KitSchema["shape"], Key>;

function transportFields(
  defaultPort: number,
): Fields<"transport" | "host" | "port" | "socket" | "path" | "interactive"> {
  const transports = z.enum(["auto", "stdio", "http", "sse", "streamable-http"]);
  return {
    transport: option(transports.transform((name) => (name === "streamable-http" ? "http" : name)).default("auto"), {
      furtherEnv: ["MCP_TRANSPORT"],
      neutral: "auto",
      shortForms: { stdio: "stdio", http: "http" },
      placeholder: "auto|stdio|http|sse",
      describe: "How clients connect; --stdio and --http are short forms, streamable-http means http",
    }),
    host: option(bindHost().default("127.0.0.1"), { placeholder: "<address>", describe: "Address to listen on" }),
    port: option(z.number().int().min(0).max(65_535).default(defaultPort), {
      describe: "Port to listen on; 0 takes a free one. PORT is read after BOTHWAYS_PORT",
    }),
    socket: option(path().optional(), { describe: "Serve HTTP on this Unix socket (mode 600) instead of a port" }),
    path: option(endpointPath().default("/mcp"), { placeholder: "</path>", describe: "Path of the endpoint" }),
    interactive: option(z.boolean().default(true), {
      describe: "Serve HTTP when started in a terminal without a transport; --no-interactive refuses instead",
    }),
  };
}

function edgeFields(
  maxBody: number,
): Fields<
  "publicUrl" | "allowedHosts" | "allowedOrigins" | "auth" | "allowUnauthenticated" | "readOnly" | "claims" | "maxBody"
> {
  const authentication = z
    .enum(["none", "token", "oauth"])
    .refine((mode) => mode === "none", "this version serves without authentication only, expected none");
  return {
    publicUrl: option(publicUrl().optional(), {
      placeholder: "<url>",
      describe: "URL that clients use for the endpoint",
    }),
    allowedHosts: option(z.array(allowedHost()).default([]), {
      placeholder: "<name,…>",
      describe: "Host names to accept besides loopback names and the bound address",
    }),
    allowedOrigins: option(z.array(allowedOrigin()).default([]), {
      placeholder: "<origin,…>",
      describe: "Web origins that may call besides the server's own",
    }),
    auth: option(authentication.default("none"), {
      placeholder: "none",
      describe: "How callers prove who they are; none is for loopback",
    }),
    allowUnauthenticated: option(z.boolean().default(false), {
      flagOnly: true,
      warning: "--allow-unauthenticated: everyone who can reach the address may call every tool.",
      describe: "Listen beyond loopback without authentication all the same",
    }),
    readOnly: option(z.boolean().default(false), { perServer: true, describe: "Offer no tool that changes anything" }),
    claims: option(z.string().optional(), {
      placeholder: "<json>",
      describe: "Person that the local caller plays, for servers with rules per person",
    }),
    maxBody: option(bytes({ min: 1, max: 64 * 1024 ** 2 }).default(maxBody), { describe: "Largest HTTP request body" }),
  };
}

function sessionFields(): Fields<"sessions" | "maxSessions" | "sessionIdle" | "sessionMaxAge" | "keepalive"> {
  return {
    sessions: option(z.enum(["sessions", "stateless", "reject"]).default("sessions"), {
      describe: "How clients of the 2025 revisions are served over HTTP",
    }),
    maxSessions: option(z.number().int().min(1).max(1_000_000).default(1000), { describe: "Most sessions at a time" }),
    sessionIdle: option(duration({ min: 1 }).default(1_800_000), { describe: "A session ends after this long unused" }),
    sessionMaxAge: option(duration({ min: 1 }).default(86_400_000), { describe: "A session ends at this age" }),
    keepalive: option(duration({ min: 1 }).default(15_000), { describe: "Time between comments on a quiet stream" }),
  };
}

function processFields(): Fields<
  "shutdownTimeout" | "validateOutput" | "logLevel" | "logFormat" | "config" | "explain" | "help" | "version"
> {
  return {
    shutdownTimeout: option(duration().default(10_000), { describe: "How long calls in flight may take at the end" }),
    validateOutput: option(z.boolean().default(false), { describe: "Check every result against its output schema" }),
    logLevel: option(z.enum(["debug", "info", "warn", "error"]).default("info"), { describe: "Least severity logged" }),
    logFormat: option(z.enum(["text", "json"]).default("text"), { describe: "Form of log lines on standard error" }),
    config: option(path().optional(), { placeholder: "<file.json>", describe: "Read options from this JSON file" }),
    explain: option(z.boolean().default(false), {
      flagOnly: true,
      describe: "Print the chosen transport and every option with its source as JSON, then exit",
    }),
    help: option(z.boolean().default(false), { flagOnly: true, letter: "h", describe: "Print this text, then exit" }),
    version: option(z.boolean().default(false), {
      flagOnly: true,
      letter: "v",
      describe: "Print the version, then exit",
    }),
  };
}
