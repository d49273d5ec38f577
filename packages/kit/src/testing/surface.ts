import type { OptionsSchema, ServerDefinition } from "../define-server.ts";
import { type ConnectOptions, connect } from "./connect.ts";

/** The wire surface of a server, as its snapshot holds it: `tools/list` in catalogue order. */
export async function surface<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ConnectOptions<Schema> = {},
): Promise<readonly unknown[]> {
  await using session = await connect(definition, options);
  const { tools } = await session.client.listTools();
  return tools;
}

/**
 * Asserts that stdout carried protocol messages and nothing else.
 *
 * @throws {Error} naming the first foreign line.
 */
export function expectCleanStdout(lines: readonly string[]): void {
  for (const line of lines) {
    const message: unknown = parse(line);
    const isMessage = typeof message === "object" && message !== null && "jsonrpc" in message;
    if (!isMessage) throw new Error(`Not a protocol message on stdout: ${line.slice(0, 200)}`);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
