import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  AuthInfo,
  JSONRPCMessage,
  JSONRPCRequest,
  JSONRPCResponse,
  RequestId,
  Transport,
  TransportSendOptions,
} from "@modelcontextprotocol/server";
import { answerText } from "../answer-text.ts";
import { createStreamId, type EventPosition, EventStore } from "./event-store.ts";
import { type AnswerForm, cancelledId, type IncomingMessages, isRequest } from "./incoming.ts";
import { PostReply } from "./post-reply.ts";
import { progressKey } from "./progress-key.ts";
import { sendEmpty, sendJsonRpcError, sendJsonText, sendNotFound } from "./respond.ts";
import type { SessionPlace } from "./session-store.ts";
import { type CoalesceKey, EventStream } from "./streams.ts";

/** The revision that defines events without data and closing a stream from a handler (SEP-1699). */
const pollingVersion = "2025-11-25";

/** When a client whose listening stream was closed should come back. */
const retryMs = 1000;

/** What a session's transport knows of its owner. */
export interface SessionTransportConfig {
  readonly sessionId: string;
  readonly keepaliveMs: number;
  /** Learns of every call in flight. */
  readonly place: SessionPlace;
  /** The session is over, whoever ended it. Called once. */
  onEnd(): void;
}

/** One 2025 session: its POST answers, its listening stream and its replay store behind the SDK's `Transport`. */
export class SessionTransport implements Transport {
  readonly sessionId: string;
  onmessage?: Transport["onmessage"];
  onclose?: Transport["onclose"];
  onerror?: Transport["onerror"];
  readonly #config: SessionTransportConfig;
  readonly #replies = new Map<RequestId, PostReply>();
  readonly #streams = new Map<string, PostReply>();
  #replay: EventStore | undefined;
  #listening: EventStream | undefined;
  /** Number of the latest event of the listening stream that was sent to a connection. */
  #sent = 0;
  readonly #listenId: string = createStreamId();
  #initializing: { readonly id: RequestId; readonly response: ServerResponse } | undefined;
  #version = "";
  #closed = false;

  constructor(config: SessionTransportConfig) {
    this.#config = config;
    this.sessionId = config.sessionId;
  }

  /** Revision agreed on in `initialize`. */
  get version(): string {
    return this.#version;
  }

  async start(): Promise<void> {}

  /** Hands over the request that begins the session; its answer carries the session id, unless it is an error. */
  initialize(request: JSONRPCRequest, response: ServerResponse, authInfo: AuthInfo | undefined): void {
    this.#initializing = { id: request.id, response };
    this.onmessage?.(request, authInfo && { authInfo });
  }

  /** Hands over the messages of a POST and answers it when its requests are answered. */
  post(incoming: IncomingMessages, form: AnswerForm, response: ServerResponse, authInfo?: AuthInfo): void {
    const { messages, requests } = incoming;
    if (messages.some((message) => isRequest(message) && this.#replies.has(message.id))) {
      sendJsonRpcError(response, 400, -32600, "A request with this id is still in progress in this session.");
      return;
    }
    const reply = requests === 0 ? undefined : this.#createReply(response, incoming, form);
    for (const message of messages) this.#receive(message, reply, authInfo);
    if (!reply) sendEmpty(response, 202);
  }

  /** Opens the listening stream, or resumes the stream that the client says it lost. */
  async get(response: ServerResponse, position: EventPosition | undefined): Promise<void> {
    await ((position && this.#streams.get(position.stream)) ?? this.#listening)?.probe();
    // One turn from here on: of several clients that waited for the probe, the first gets the stream.
    if (this.#closed) return sendNotFound(response);
    const reply = position && this.#streams.get(position.stream);
    if (position && reply) {
      if (reply.isRead) return sendJsonRpcError(response, 409, -32000, "Another connection is reading this stream.");
      return reply.resume(response, position);
    }
    if (position && position.stream !== this.#listenId && this.#replay?.has(position.stream)) {
      // The call ended while nobody was reading: send what is kept, and end.
      const first = this.#replay.after(position);
      return new EventStream(response, { keepaliveMs: this.#config.keepaliveMs, first }).end();
    }
    if (this.#listening?.isOpen) {
      return sendJsonRpcError(response, 409, -32000, "This session has a listening stream already.");
    }
    this.#listen(response, position?.stream === this.#listenId ? position : undefined);
  }

  /** Ends the listening stream properly; the session lives on. */
  endListening(): void {
    this.#listening?.end();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.#closed) return;
    if (!("method" in message)) return this.#sendAnswer(message);
    const text = JSON.stringify(message);
    const key = progressKey(message);
    const related = options?.relatedRequestId;
    const reply = related === undefined ? undefined : this.#replies.get(related);
    if (reply) {
      reply.relay(text, key);
      if (reply.isCongested) await nextTurn();
      return;
    }
    // What belonged to a call that is over has lost its reader, unless it is a question.
    if (related === undefined || isRequest(message)) this.#tell(text, isRequest(message), key);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#initializing) sendNotFound(this.#initializing.response);
    for (const reply of new Set(this.#replies.values())) reply.close(sendNotFound);
    this.#replies.clear();
    this.#streams.clear();
    this.#listening?.end();
    this.onclose?.();
    this.#config.onEnd();
  }

  get #events(): EventStore {
    this.#replay ??= new EventStore();
    return this.#replay;
  }

  get #polls(): boolean {
    return this.#version >= pollingVersion;
  }

  #createReply(response: ServerResponse, { requests, batch }: IncomingMessages, form: AnswerForm): PostReply {
    return new PostReply({
      response,
      requests,
      batch,
      form,
      keepaliveMs: this.#config.keepaliveMs,
      replay: { store: () => this.#events, primes: this.#polls, onStream: (id, reply) => this.#streams.set(id, reply) },
      onComplete: (streamId) => streamId && this.#streams.delete(streamId),
    });
  }

  #receive(message: JSONRPCMessage, reply: PostReply | undefined, authInfo: AuthInfo | undefined): void {
    if (!reply || !isRequest(message)) {
      this.onmessage?.(message, authInfo && { authInfo });
      this.#noteCancelled(message);
      return;
    }
    this.#replies.set(message.id, reply);
    this.#config.place.beginCall();
    this.onmessage?.(message, {
      ...(authInfo && { authInfo }),
      ...(this.#polls && {
        closeSSEStream: () => reply.closeStream(),
        closeStandaloneSSEStream: () => this.endListening(),
      }),
    });
  }

  #sendAnswer(message: JSONRPCResponse): void {
    const { id } = message;
    if (id === undefined) return;
    if (this.#initializing?.id === id) return this.#answerInitialize(message);
    const reply = this.#replies.get(id);
    if (!reply) return;
    reply.answer(answerText(message), () => JSON.stringify(tooLargeToKeep(id)));
    this.#forgetCall(id);
  }

  #answerInitialize(message: JSONRPCResponse): void {
    const response = this.#initializing?.response;
    this.#initializing = undefined;
    if (!response) return;
    const version = "result" in message ? message.result["protocolVersion"] : undefined;
    if (typeof version === "string" && !response.destroyed) {
      this.#version = version;
      sendJsonText(response, 200, answerText(message), { "Mcp-Session-Id": this.sessionId });
      return;
    }
    // Nobody will ever know the id: refused, or gone before it was told.
    sendJsonText(response, 200, answerText(message));
    void this.close();
  }

  /** The protocol layer sends no answer to a cancelled request, so its POST has to be let go here. */
  #noteCancelled(message: JSONRPCMessage): void {
    const id = cancelledId(message);
    const reply = id === undefined ? undefined : this.#replies.get(id);
    if (id === undefined || !reply) return;
    reply.cancelOne();
    this.#forgetCall(id);
  }

  #forgetCall(id: RequestId): void {
    this.#replies.delete(id);
    this.#config.place.endCall();
  }

  /** Sends what belongs to no call. */
  #tell(text: string, isQuestion: boolean, key: CoalesceKey | undefined): void {
    // Clients open their listening stream after `initialized`: a question of that moment waits for it. A notification
    // does not; the client has yet to ask for the lists it is about.
    if (!this.#listening && !isQuestion) return;
    const frame = this.#events.append(this.#listenId, text, { key });
    if (!this.#listening?.isOpen) return;
    this.#sent = this.#events.last;
    this.#listening.send(frame, key);
  }

  #listen(response: ServerResponse, position: EventPosition | undefined): void {
    // Without a position: what no connection was sent, once.
    const missed = this.#replay?.after(position ?? { stream: this.#listenId, number: this.#sent }) ?? "";
    this.#sent = this.#replay?.last ?? 0;
    const prime = this.#polls ? this.#events.prime(this.#listenId, retryMs) : "";
    this.#listening = new EventStream(response, { keepaliveMs: this.#config.keepaliveMs, first: missed + prime });
  }
}

function tooLargeToKeep(id: RequestId): JSONRPCMessage {
  const message = "The call ended, but its result was too large to keep for replay. Ask for less and call again.";
  return { jsonrpc: "2.0", id, error: { code: -32000, message } };
}
