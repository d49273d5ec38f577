import { spawn } from "node:child_process";
import { once } from "node:events";

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "weight", version: "1" } },
});

/**
 * How many times longer a server takes to its first answer than Node takes to do nothing.
 *
 * Both sides run in turn and the fastest of each counts: the ratio holds on a busy machine, the times do not.
 *
 * @param bin Script that Node runs.
 */
export async function coldStartRatio(bin: string, args: readonly string[], rounds: number): Promise<number> {
  const server: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    bare.push(await timeToExit(["-e", "0"]));
    server.push(await timeToAnswer([bin, ...args]));
  }
  // The first round fills the caches of the file system and of compiled code.
  return Math.min(...server.slice(1)) / Math.min(...bare.slice(1));
}

async function timeToExit(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, args, { stdio: "ignore" }), "exit");
  return performance.now() - start;
}

async function timeToAnswer(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
  const exited = once(child, "exit");
  child.stdin.end(`${initialize}\n`);
  const silent = exited.then(() => Promise.reject(new Error(`${args.join(" ")} ended without an answer.`)));
  await Promise.race([once(child.stdout, "data"), silent]);
  const time = performance.now() - start;
  await Promise.allSettled([exited, silent]);
  return time;
}
