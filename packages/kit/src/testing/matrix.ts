import type { OptionsSchema, ServerDefinition } from "../define-server.ts";
import { type ConnectOptions, connect, type TestSession } from "./connect.ts";

const wires = [
  { transport: "memory", era: "2026" },
  { transport: "memory", era: "2025" },
  { transport: "stdio", era: "2026" },
  { transport: "stdio", era: "2025" },
  { transport: "http", era: "2026" },
  { transport: "http", era: "2025" },
  { transport: "sse", era: "2025" },
] as const;

/**
 * Runs a case over every wire and generation, one after the other.
 *
 * @returns What the case gave, by wire, for example `http 2026`; a server that keeps its promise gives the same each
 * time.
 */
export async function matrix<Schema extends OptionsSchema, Resources, Result>(
  definition: ServerDefinition<Schema, Resources>,
  options: Omit<ConnectOptions<Schema>, "transport" | "era">,
  run: (session: TestSession) => Promise<Result>,
): Promise<ReadonlyMap<string, Result>> {
  const results = new Map<string, Result>();
  for (const wire of wires) {
    await using session = await connect(definition, { ...options, ...wire });
    results.set(`${wire.transport} ${wire.era}`, await run(session));
  }
  return results;
}
