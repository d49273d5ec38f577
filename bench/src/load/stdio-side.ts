import type { BenchRoom } from "../harness/define-bench.ts";
import { type Load, openLoad, warmUp } from "./drive.ts";
import { resolveCommand } from "./http-side.ts";
import { stdioTemplate } from "./requests.ts";
import type { ServerCommand } from "./server-process.ts";

/** Starts a stdio server with its generator and warms it up. */
export async function openStdioLoad(command: ServerCommand, room: BenchRoom<unknown>): Promise<Load> {
  const load = await openLoad("stdio", {
    node: room.node,
    command: resolveCommand(command, room),
    template: stdioTemplate("tools/call", { name: "echo", arguments: { text: "x".repeat(100) } }),
    expect: '"text":"xxxx',
  });
  try {
    await load.run(warmUp(room.quick, 32));
    return load;
  } catch (error) {
    await load[Symbol.asyncDispose]();
    throw error;
  }
}
