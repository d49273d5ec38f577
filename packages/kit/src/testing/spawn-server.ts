import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** How to start a server process. */
export interface SpawnOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A server process under test; disposing it kills it if it still runs. */
export interface SpawnedServer extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** Every line that came on stdout so far. */
  readonly lines: readonly string[];
  /** Everything that came on stderr so far. */
  readonly errors: () => string;
  /** Resolves with the exit code, or `128` for a signal. */
  readonly exited: Promise<number>;
  /** Writes one JSON-RPC message as a line. */
  send(message: unknown): void;
  /** Resolves with the first stdout line, old or new, that `accept` takes. */
  line(accept: (line: string) => boolean): Promise<string>;
  /** Resolves when stderr holds `text`. */
  stderrHas(text: string): Promise<void>;
}

/** Starts a server as a host would: pipes on all three streams. */
export function spawnServer(command: string, options: SpawnOptions = {}): SpawnedServer {
  const child = spawn(command, options.args ?? [], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env && { env: { ...options.env } }),
    stdio: "pipe",
  });
  const lines: string[] = [];
  let stderr = "";
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A process that ends early closes its stdin; the test reads that from `exited`.
  child.stdin.on("error", () => {});
  const exited = once(child, "close").then(([code]: unknown[]) => (typeof code === "number" ? code : 128));
  return {
    child,
    lines,
    errors: () => stderr,
    exited,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    async line(accept) {
      for (;;) {
        const found = lines.find(accept);
        if (found !== undefined) return found;
        await Promise.race([once(reader, "line"), exited.then(() => gone(lines.some(accept), stderr))]);
      }
    },
    async stderrHas(text) {
      while (!stderr.includes(text)) {
        await Promise.race([once(child.stderr, "data"), exited.then(() => gone(stderr.includes(text), stderr))]);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
    },
  };
}

function gone(found: boolean, stderr: string): void {
  if (!found) throw new Error(`The server ended before it said what was awaited. Its stderr:\n${stderr}`);
}
