import { fstatSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import type { OptionsSchema, ServerDefinition } from "./define-server.ts";
import { stackOf } from "./error-text.ts";
import { KitError } from "./errors.ts";
import { type Lifecycle, superviseRunning } from "./lifecycle.ts";
import { createLogger, type Logger } from "./observe/logger.ts";
import { createKitSchema } from "./options/kit-options.ts";
import { type ParsedOptions, parseOptions } from "./options/parse-options.ts";
import { type StdinKind, selectTransport, type TransportSelection } from "./select-transport.ts";
import { serve } from "./serve.ts";
import type { HttpServeOptions, StdioServeOptions } from "./serve-options.ts";
import { startLines } from "./start-lines.ts";
import { exitAfterLogs } from "./stdio/exit-after-logs.ts";
import { realStdout } from "./stdio/guard-stdout.ts";
import { watchParent } from "./stdio/watch-parent.ts";

type RunOptions<Schema extends OptionsSchema> = Extract<ParsedOptions<Schema>, { kind: "run" }>;

/**
 * The door to the process: turns argv, environment and the kind of stdin into a served definition, and its end into an
 * exit code (0 clean end, 1 runtime failure, 2 usage, 78 refused by a safety rule).
 */
export async function run<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
): Promise<void> {
  // A host may close its end of stderr; what is said there then concerns nobody, and must not end the server.
  process.stderr.on("error", () => {});
  try {
    await start(definition);
  } catch (error) {
    if (!(error instanceof KitError)) throw error;
    process.stderr.write(`Error: ${error.message}\n`);
    exitAfterLogs(error.exitCode);
  }
}

async function start<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
): Promise<void> {
  const argv = process.argv.slice(2);
  if (definition.commands) {
    const { commandNamed, runCommand } = await import("./run-command.ts");
    const command = commandNamed(definition, argv);
    if (command) {
      const { env, stderr } = process;
      return void process.exit(
        await runCommand(definition, command, { argv, env, readConfigFile, stdout: realStdout, stderr }),
      );
    }
  }
  const kitSchema = createKitSchema({ defaultPort: definition.defaultPort, maxBody: definition.maxBody });
  const parsed = parseOptions({
    short: definition.short,
    serverSchema: definition.options,
    kitSchema,
    argv,
    env: process.env,
    readConfigFile,
  });
  if (parsed.kind === "help") return finish((await import("./options/help-text.ts")).helpText(definition, kitSchema));
  if (parsed.kind === "version") return finish(`${definition.version}\n`);
  const selection = selectTransport({ kit: parsed.kit, sources: parsed.sources, env: process.env, stdin: stdinKind() });
  if (parsed.explain) {
    const { explain } = await import("./options/explain.ts");
    const { short, options: serverSchema } = definition;
    return finish(explain({ short, serverSchema, kitSchema, parsed, selection }));
  }
  const log = createLogger((line) => process.stderr.write(line), {
    level: parsed.kit.logLevel,
    format: parsed.kit.logFormat,
    secrets: [...parsed.secrets, stateKey() ?? ""],
  });
  for (const warning of [...parsed.warnings, ...selection.warnings]) log.warn(warning);
  const running = await serve(definition, serveOptions(parsed, selection, log));
  const lifecycle = superviseRunning(running, exitAfterLogs);
  if (selection.transport === "stdio") watchParent(() => lifecycle.orphaned());
  wireProcess(lifecycle, log);
  // Last, because whoever waits for this line may send a signal at once.
  process.stderr.write(startLines(definition, selection, running, parsed.kit));
}

function serveOptions<Schema extends OptionsSchema>(
  { kit, serverInput }: RunOptions<Schema>,
  selection: TransportSelection,
  log: Logger,
): StdioServeOptions<Schema> | HttpServeOptions<Schema> {
  const key = stateKey();
  const common = {
    options: serverInput,
    log,
    readOnly: kit.readOnly,
    validateOutput: kit.validateOutput,
    shutdownTimeoutMs: kit.shutdownTimeout,
    ...(key !== undefined && { stateKey: key }),
    ...(kit.claims !== undefined && { claims: kit.claims }),
  };
  if (selection.transport === "stdio") {
    return { ...common, transport: "stdio", input: process.stdin, output: realStdout };
  }
  const { address } = selection;
  return {
    ...common,
    transport: selection.transport,
    ...(address.kind === "socket" ? { socket: address.path } : { host: address.host, port: address.port }),
    path: kit.path,
    ...(kit.publicUrl !== undefined && { publicUrl: kit.publicUrl }),
    allowedHosts: kit.allowedHosts,
    allowedOrigins: kit.allowedOrigins,
    sessions: kit.sessions,
    maxBody: kit.maxBody,
    keepaliveMs: kit.keepalive,
    sessionIdleMs: kit.sessionIdle,
    sessionMaxAgeMs: kit.sessionMaxAge,
    maxSessions: kit.maxSessions,
    allowUnauthenticated: kit.allowUnauthenticated,
  };
}

function stateKey(): string | undefined {
  const key = process.env["BOTHWAYS_STATE_KEY"];
  if (key === undefined || key === "") return undefined;
  if (Buffer.byteLength(key) < 32) {
    throw new KitError("ERR_EXPOSURE_REFUSED", "BOTHWAYS_STATE_KEY is shorter than 32 bytes. Use a longer random key.");
  }
  return key;
}

/** Node's spawn gives a child a socket, shells a FIFO; a closed stdin and /dev/null are neither. */
function stdinKind(): StdinKind {
  try {
    const stat = fstatSync(0);
    if (stat.isFIFO()) return "pipe";
    if (stat.isSocket()) return "socket";
    return isatty(0) ? "terminal" : "other";
  } catch {
    return "other";
  }
}

function wireProcess(lifecycle: Lifecycle, log: Logger): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => lifecycle.stop(constants.signals[signal]));
  }
  const crash = (error: unknown): void => {
    log.error("uncaught error", { stack: stackOf(error) });
    lifecycle.crash();
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}

function finish(text: string): void {
  realStdout.write(text, () => process.exit(0));
}

function readConfigFile(path: string): string {
  return readFileSync(path, "utf8");
}
