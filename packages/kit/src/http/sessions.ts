import type { AuthInfo } from "@modelcontextprotocol/server";
import { authInfoOf, type Connect, type Connection } from "../connection.ts";
import type { Principal } from "../define-tool.ts";
import { parseEventId } from "./event-store.ts";
import type { Exchange } from "./exchange.ts";
import { checkGetAccept, checkVersion, isInitialize, negotiateAnswer, parseMessages } from "./incoming.ts";
import { sendEmpty, sendFull, sendJsonRpcError, sendNotFound, sendRefusal } from "./respond.ts";
import { createSessionId, type SessionPlace, type SessionStore } from "./session-store.ts";
import { SessionTransport } from "./session-transport.ts";
import { settlePlaces } from "./settle.ts";

/** What 2025 sessions need. */
export interface SessionsConfig {
  readonly connect: Connect;
  /** Shared with every wire that keeps state for a client, so that caps count all of it. */
  readonly store: SessionStore;
  /** Milliseconds between comments on a silent stream. */
  readonly keepaliveMs: number;
}

/** The 2025 revisions of Streamable HTTP with sessions (kit.md section 8). */
export interface Sessions {
  /** @param body Parsed JSON, already bounded in size and depth. */
  post(exchange: Exchange, body: unknown): Promise<void>;
  get(exchange: Exchange): Promise<void>;
  delete(exchange: Exchange): Promise<void>;
  readonly openCount: number;
  /**
   * Answers what was accepted, ends streams properly, closes the sessions; a call that is still open after
   * `deadlineMs` is cut.
   *
   * @default deadlineMs 10000
   */
  drain(deadlineMs?: number): Promise<void>;
  /** Closes every session at once; idempotent. */
  close(): Promise<void>;
}

interface Session {
  readonly transport: SessionTransport;
  readonly place: SessionPlace;
  readonly principalId: string | undefined;
  readonly connection: Connection;
}

/** Creates the handlers of one endpoint; nothing is opened or timed before the first session. */
export function createSessions(config: SessionsConfig): Sessions {
  const sessions = new Map<string, Session>();
  return {
    post: (exchange, body) => post(config, sessions, exchange, body),
    get: (exchange) => get(sessions, exchange),
    delete: (exchange) => remove(sessions, exchange),
    get openCount() {
      return sessions.size;
    },
    async drain(deadlineMs = 10_000) {
      await settlePlaces(() => Array.from(sessions.values(), ({ place }) => place), deadlineMs);
      await closeAll(sessions);
    },
    close: () => closeAll(sessions),
  };
}

async function post(
  config: SessionsConfig,
  sessions: Map<string, Session>,
  exchange: Exchange,
  body: unknown,
): Promise<void> {
  const { request, response } = exchange;
  const id = request.headers["mcp-session-id"];
  if (id === undefined && isInitialize(body)) return open(config, sessions, exchange, body);
  const session = find(sessions, exchange);
  if (!session) return;
  const form = negotiateAnswer(request);
  if (typeof form === "object") return sendRefusal(response, form);
  const refusal = checkVersion(request);
  if (refusal) return sendRefusal(response, refusal);
  if (isInitialize(body)) {
    return sendJsonRpcError(
      response,
      400,
      -32600,
      "This session is initialized. Send initialize without a session id.",
    );
  }
  const parsed = parseMessages(body, session.transport.version);
  if (parsed.kind === "refused") return sendRefusal(response, parsed.refusal);
  // Whoever only pings has not begun to use the session.
  if (!parsed.messages.every((message) => "method" in message && message.method === "ping")) session.place.use();
  session.transport.post(parsed, form, response, authInfo(exchange.principal));
}

async function open(
  config: SessionsConfig,
  sessions: Map<string, Session>,
  { request, response, principal }: Exchange,
  body: unknown,
): Promise<void> {
  const form = negotiateAnswer(request);
  const refusal = typeof form === "object" ? form : checkVersion(request);
  if (refusal) return sendRefusal(response, refusal);
  const parsed = parseMessages(body, "");
  if (parsed.kind === "refused") return sendRefusal(response, parsed.refusal);
  const [message] = parsed.messages;
  if (!isInitialize(message)) return;
  const place = config.store.admit(principal?.id);
  if (place.kind === "full") return sendFull(response, place.retryAfter);
  const sessionId = createSessionId();
  const transport = new SessionTransport({
    sessionId,
    keepaliveMs: config.keepaliveMs,
    place,
    onEnd() {
      sessions.delete(sessionId);
      place.leave();
    },
  });
  try {
    const connection = await config.connect(transport, {
      era: "2025",
      transport: "http",
      canAsk: true,
      ...(principal && { principal }),
    });
    place.onExpire = () => connection.close();
    sessions.set(sessionId, { transport, place, principalId: principal?.id, connection });
    transport.initialize(message, response, authInfo(principal));
  } catch (error) {
    await transport.close();
    throw error;
  }
}

async function get(sessions: Map<string, Session>, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const session = find(sessions, exchange);
  if (!session) return;
  const refusal = checkGetAccept(request) ?? checkVersion(request);
  if (refusal) return sendRefusal(response, refusal);
  const lastEventId = request.headers["last-event-id"];
  await session.transport.get(response, parseEventId(typeof lastEventId === "string" ? lastEventId : undefined));
}

async function remove(sessions: Map<string, Session>, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const session = find(sessions, exchange);
  if (!session) return;
  const refusal = checkVersion(request);
  if (refusal) return sendRefusal(response, refusal);
  await session.connection.close();
  sendEmpty(response, 200);
}

/** The caller's session; answers by itself when there is none. An id is never told apart from another's. */
function find(sessions: Map<string, Session>, { request, response, principal }: Exchange): Session | undefined {
  const id = request.headers["mcp-session-id"];
  if (id === undefined) {
    sendJsonRpcError(response, 400, -32000, "The Mcp-Session-Id header is missing. Send initialize first.");
    return undefined;
  }
  const session = typeof id === "string" ? sessions.get(id) : undefined;
  if (session && session.principalId === principal?.id) return session;
  sendNotFound(response);
  return undefined;
}

async function closeAll(sessions: Map<string, Session>): Promise<void> {
  await Promise.all(Array.from(sessions.values(), ({ connection }) => connection.close()));
}

function authInfo(principal: Principal | undefined): AuthInfo | undefined {
  return principal && authInfoOf(principal);
}
