import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A server that the main job started. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Endpoint URL; rejects with the server's last lines when it ends first. */
  readonly url: Promise<string>;
  /** Last lines of stderr. */
  tail(): string;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts `apps/<name>` from its source over HTTP, every client generation included. */
function startServer(name: string, args: readonly string[], port: number): ServerProcess {
  const cli = `${root}apps/${name}/src/cli.ts`;
  const flags = ["-C", "@bothways/source", cli, ...args, "--transport", "sse", "--port", String(port)];
  const child = spawn(process.execPath, flags, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  const tail = (): string => stderr.trimEnd().split("\n").slice(-5).join("\n");
  const gone = once(child, "exit").then(() => undefined);
  const url = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-16_384);
      const found = /transport=\w+ url=(\S+)/.exec(stderr)?.[1];
      if (found !== undefined) resolve(found);
    });
    void gone.then(() => reject(new Error(tail() || "The server ended without a word.")));
  });
  return { child, url, tail, gone };
}

/** Starts a server, on a free port when its own is taken. */
export async function startSomewhere(
  name: string,
  args: readonly string[],
  port: number,
): Promise<{ readonly server: ServerProcess; readonly url: string; readonly moved: boolean }> {
  const wanted = startServer(name, args, port);
  try {
    return { server: wanted, url: await wanted.url, moved: false };
  } catch (error) {
    if (!wanted.tail().includes("already in use")) throw error;
    const server = startServer(name, args, 0);
    return { server, url: await server.url, moved: true };
  }
}
