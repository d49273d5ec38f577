import {
  type AuthInfo,
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type MessageClassification,
  PerRequestHTTPServerTransport,
  ProtocolErrorCode,
  type TransportSendOptions,
} from "@modelcontextprotocol/server";

/** Where the messages of one exchange go. */
export interface ModernExchange {
  /** A message before the answer: the response becomes a stream. */
  notification(message: JSONRPCMessage): void;
  /** The answer, with the caller's own id restored; `status` is the HTTP status if no stream was opened. */
  answer(message: JSONRPCResponse, status: number): void;
}

const missingCapability: number = ProtocolErrorCode.MissingRequiredClientCapability;
const classification: MessageClassification = { era: "modern", revision: "2026-07-28" };

/** HTTP statuses of errors that the protocol layer raises before a handler runs (spec 2026-07-28, transports). */
const ladderStatus: Readonly<Record<number, number>> = {
  [ProtocolErrorCode.ParseError]: 400,
  [ProtocolErrorCode.InvalidRequest]: 400,
  [ProtocolErrorCode.MethodNotFound]: 404,
  [ProtocolErrorCode.UnsupportedProtocolVersion]: 400,
};

/**
 * Lets one long-lived SDK server answer any number of concurrent 2026-07-28 exchanges.
 *
 * It extends the SDK's per-request transport for one reason: a server that connects to that class is pinned to the
 * revision of its classification, which is the public way to get a modern server without a request at hand.
 * Ids are replaced on the way in and restored on the way out, so equal ids of different callers never meet.
 */
export class ModernTransport extends PerRequestHTTPServerTransport {
  readonly #exchanges = new Map<number, { readonly id: string | number; readonly exchange: ModernExchange }>();
  #lastId = 0;
  #dispatching = false;

  constructor() {
    super({ classification });
  }

  override async start(): Promise<void> {}

  /** Hands a request to the server; returns the function that cancels it. */
  dispatch(request: JSONRPCRequest, exchange: ModernExchange, authInfo: AuthInfo): () => void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#exchanges.set(id, { id: request.id, exchange });
    this.#dispatching = true;
    try {
      this.onmessage?.({ ...request, id }, { classification, authInfo });
    } finally {
      this.#dispatching = false;
    }
    return () => this.#cancel(id);
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const known = this.#take(message.id);
      known?.exchange.answer({ ...message, id: known.id }, this.#statusOf(message));
      return;
    }
    const known = typeof options?.relatedRequestId === "number" && this.#exchanges.get(options.relatedRequestId);
    if (known) known.exchange.notification(message);
  }

  override async close(): Promise<void> {
    this.#exchanges.clear();
    this.onclose?.();
  }

  #take(id: string | number | undefined): { id: string | number; exchange: ModernExchange } | undefined {
    if (typeof id !== "number") return undefined;
    const known = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    return known;
  }

  #cancel(id: number): void {
    if (!this.#exchanges.delete(id)) return;
    const params = { requestId: id, reason: "The client closed the response stream." };
    this.onmessage?.({ jsonrpc: "2.0", method: "notifications/cancelled", params }, { classification });
  }

  /** In-band errors are HTTP 200, except the one whose status the specification mandates on the error itself. */
  #statusOf(message: JSONRPCMessage): number {
    if (!isJSONRPCErrorResponse(message)) return 200;
    if (message.error.code === missingCapability) return 400;
    return this.#dispatching ? (ladderStatus[message.error.code] ?? 200) : 200;
  }
}
