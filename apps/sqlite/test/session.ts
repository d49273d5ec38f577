import { type ConnectOptions, connect, type TestSession } from "@bothways/kit/testing";
import { server } from "../src/server.ts";

/** What a tool call gave, as a test wants to see it. */
interface Outcome {
  /** `CODE` of a failure, or `ok`. */
  readonly code: string;
  readonly text: string;
  /** `structuredContent`; empty after a failure. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly content: readonly unknown[];
}

/** A connected client with a shorter way to call tools. */
export interface Session extends TestSession {
  call(name: string, input?: Record<string, unknown>): Promise<Outcome>;
}

/** Serves a database in this process; its engines are real child processes. */
export async function serveDatabase(
  options: Record<string, unknown>,
  how: Omit<ConnectOptions<typeof server.options>, "options"> = {},
): Promise<Session> {
  const session = await connect(server, { ...how, options });
  return {
    ...session,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    call: (name, input) => outcome(session, name, input),
  };
}

async function outcome(session: TestSession, name: string, input?: Record<string, unknown>): Promise<Outcome> {
  const result = await session.callTool(name, input);
  const [first] = result.content;
  const text = first?.type === "text" ? first.text : "";
  const code = result.isError ? (text.split(":")[0] ?? "") : "ok";
  // Every output schema of this server is an object.
  const data = (result.structuredContent ?? {}) as Outcome["data"];
  return { code, text, data, content: result.content };
}
