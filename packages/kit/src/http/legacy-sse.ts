import { authInfoOf, type Connection } from "../connection.ts";
import type { Exchange } from "./exchange.ts";
import { checkGetAccept, parseMessages } from "./incoming.ts";
import { sendEmpty, sendFull, sendJsonRpcError, sendNotFound, sendRefusal } from "./respond.ts";
import { createSessionId, type SessionPlace } from "./session-store.ts";
import type { SessionsConfig } from "./sessions.ts";
import { settlePlaces } from "./settle.ts";
import { SseTransport } from "./sse-transport.ts";
import { EventStream } from "./streams.ts";

/** HTTP+SSE, the wire of protocol revision 2024-11-05: one stream for everything the server says. */
export interface LegacySse {
  /**
   * Answers `GET /sse`.
   *
   * @param messagePath Where the client shall POST, for example `/message`; relative to the origin.
   */
  open(exchange: Exchange, messagePath: string): Promise<void>;
  /** @param body Parsed JSON, already bounded in size and depth. */
  message(exchange: Exchange, body: unknown): Promise<void>;
  readonly openCount: number;
  /**
   * Answers what was accepted, then ends the streams properly; a call still open after `deadlineMs` is cut.
   *
   * @default deadlineMs 10000
   */
  drain(deadlineMs?: number): Promise<void>;
  /** Closes every connection at once; idempotent. */
  close(): Promise<void>;
}

interface SseSession {
  readonly transport: SseTransport;
  readonly place: SessionPlace;
  readonly principalId: string | undefined;
  readonly connection: Connection;
}

/** Creates the handlers of one endpoint pair; nothing is opened or timed before the first connection. */
export function createLegacySse(config: SessionsConfig): LegacySse {
  const sessions = new Map<string, SseSession>();
  const closeAll = async (): Promise<void> => {
    await Promise.all(Array.from(sessions.values(), ({ connection }) => connection.close()));
  };
  return {
    open: (exchange, messagePath) => open(config, sessions, exchange, messagePath),
    message: async (exchange, body) => receive(sessions, exchange, body),
    get openCount() {
      return sessions.size;
    },
    async drain(deadlineMs = 10_000) {
      await settlePlaces(() => Array.from(sessions.values(), ({ place }) => place), deadlineMs);
      await closeAll();
    },
    close: closeAll,
  };
}

async function open(
  config: SessionsConfig,
  sessions: Map<string, SseSession>,
  { request, response, principal }: Exchange,
  messagePath: string,
): Promise<void> {
  // Clients of this revision need not send Accept.
  const refusal = request.headers.accept === undefined ? undefined : checkGetAccept(request);
  if (refusal) return sendRefusal(response, refusal);
  const place = config.store.admit(principal?.id);
  if (place.kind === "full") return sendFull(response, place.retryAfter);
  const sessionId = createSessionId();
  const transport = new SseTransport(sessionId, place, () => {
    sessions.delete(sessionId);
    place.leave();
  });
  try {
    const connection = await config.connect(transport, {
      era: "2025",
      transport: "sse",
      canAsk: true,
      ...(principal && { principal }),
    });
    place.onExpire = () => connection.close();
    sessions.set(sessionId, { transport, place, principalId: principal?.id, connection });
    const first = `event: endpoint\ndata: ${messagePath}?sessionId=${sessionId}\n\n`;
    transport.attach(
      new EventStream(response, {
        keepaliveMs: config.keepaliveMs,
        first,
        onClose: () => config.store.end(place, "gone"),
      }),
    );
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function receive(sessions: Map<string, SseSession>, exchange: Exchange, body: unknown): void {
  const { response, query, principal } = exchange;
  const [id, ...others] = query.getAll("sessionId");
  if (id === undefined || id === "" || others.length > 0) {
    return sendJsonRpcError(response, 400, -32000, "The sessionId parameter is missing. Open the SSE stream first.");
  }
  const session = sessions.get(id);
  if (!session || session.principalId !== principal?.id) return sendNotFound(response);
  const parsed = parseMessages(body, "");
  if (parsed.kind === "refused") return sendRefusal(response, parsed.refusal);
  const [message] = parsed.messages;
  if (!message) return;
  if (!("method" in message) || !["ping", "initialize"].includes(message.method)) session.place.use();
  session.transport.receive(message, principal && authInfoOf(principal));
  sendEmpty(response, 202);
}
