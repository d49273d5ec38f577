import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  inputRequired,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ConnectionInfo } from "./connection.ts";
import { callerOf } from "./connection.ts";
import type { Era, Failure, InputAsk, InputNeeded, Principal, ToolContext, WireKind } from "./define-tool.ts";
import { failure } from "./define-tool.ts";
import type { Notifier } from "./notifier.ts";
import type { Logger, LogLevel } from "./observe/logger.ts";
import type { RequestStates, StateBinding } from "./request-state.ts";

/** What a call context is made of. */
export interface CallParts {
  readonly sdk: ServerContext;
  readonly mcp: McpServer;
  readonly info: ConnectionInfo;
  readonly connection: object;
  readonly signal: AbortSignal;
  readonly notify: Notifier;
  readonly log: Logger;
  readonly clientLogging: boolean;
  readonly states: RequestStates;
  readonly tool: string;
  readonly input: unknown;
  /** Verified state of an earlier round, `undefined` on the first. */
  readonly state: unknown;
}

/** The `ToolContext` of one call; a class, so that an idle call costs one object and no closures. */
export class CallContext implements ToolContext {
  readonly #parts: CallParts;
  #last: readonly [number, number | undefined, string | undefined] = [0, undefined, undefined];
  #heart: NodeJS.Timeout | undefined;
  #hasReported = false;
  #hasEnded = false;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get signal(): AbortSignal {
    return this.#parts.signal;
  }
  get log(): Logger {
    return this.#parts.clientLogging ? forwardingLogger(this.#parts) : this.#parts.log;
  }
  get requestId(): string | number {
    return callerOf(this.#parts.sdk.http?.authInfo).requestId ?? this.#parts.sdk.mcpReq.id;
  }
  get era(): Era {
    return this.#parts.info.era;
  }
  get transport(): WireKind {
    return this.#parts.info.transport;
  }
  get principal(): Principal | undefined {
    return callerOf(this.#parts.sdk.http?.authInfo).principal ?? this.#parts.info.principal;
  }
  get clientCapabilities(): ClientCapabilities {
    if (this.#parts.info.era === "2025") return this.#parts.mcp.server.getClientCapabilities() ?? {};
    return envelopeOf(this.#parts.sdk)[CLIENT_CAPABILITIES_META_KEY] ?? {};
  }
  get connection(): object {
    return callerOf(this.#parts.sdk.http?.authInfo).connection ?? this.#parts.connection;
  }
  get notify(): Notifier {
    return this.#parts.notify;
  }
  get inputResponses(): Readonly<Record<string, unknown>> {
    return this.#parts.sdk.mcpReq.inputResponses ?? {};
  }

  progress(done: number, total?: number, message?: string): void {
    this.#last = [done, total, message];
    // A straggler of a call that is answered: nothing about it may follow its result.
    if (this.#hasEnded) return;
    const progressToken = this.#parts.sdk.mcpReq._meta?.progressToken;
    if (progressToken === undefined || this.signal.aborted) return;
    this.#hasReported = true;
    const params = {
      progressToken,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message && { message }),
    };
    // A client that is gone cannot be told about progress; the call itself learns from its signal.
    void this.#parts.sdk.mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  }

  heartbeat(ms: number): void {
    clearInterval(this.#heart);
    if (this.#hasEnded) return;
    this.#heart = setInterval(() => this.progress(...this.#last), ms);
    this.#heart.unref();
  }

  closeStream(): void {
    this.#parts.sdk.http?.closeSSE?.();
  }

  get requestState(): unknown {
    return this.#parts.state;
  }

  async inputRequired(ask: InputAsk): Promise<InputNeeded | Failure> {
    if (!this.#parts.info.canAsk) {
      return failure(
        "CONFIRMATION_REQUIRED",
        "This call needs an answer from the user, and this connection cannot ask.",
        "Connect over stdio, with a session, or with a client that declares elicitation.",
      );
    }
    const { inputRequests, state } = ask;
    const requestState =
      state === undefined
        ? undefined
        : await this.#parts.states.seal(state, stateBinding(this.#parts), this.#parts.sdk);
    return {
      kind: "input-needed",
      result: inputRequired({ ...(inputRequests && { inputRequests }), ...(requestState && { requestState }) }),
    };
  }

  /** Whether progress went out; clients that get it in one packet with the result forget it before they handle it. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  /** Stops the heartbeat and all progress; called by the kit when the call is over. */
  end(): void {
    this.#hasEnded = true;
    clearInterval(this.#heart);
  }
}

interface Envelope {
  readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
  readonly [CLIENT_INFO_META_KEY]?: { readonly name?: string };
}

/** What a sealed state is bound to for this call. */
export function stateBinding(parts: Pick<CallParts, "sdk" | "info" | "tool" | "input">): StateBinding {
  const principal = callerOf(parts.sdk.http?.authInfo).principal ?? parts.info.principal;
  const client = envelopeOf(parts.sdk)[CLIENT_INFO_META_KEY];
  return {
    principal: principal?.id ?? "",
    client: principal?.clientId ?? client?.name ?? "",
    tool: parts.tool,
    input: parts.input,
  };
}

/** The request's `_meta` envelope, which the SDK types as `{}` but validates before a handler runs. */
function envelopeOf(sdk: ServerContext): Envelope {
  return sdk.mcpReq.envelope ?? {};
}

function forwardingLogger(parts: CallParts): Logger {
  const forward =
    (level: LogLevel, wire: "debug" | "info" | "warning" | "error"): Logger["info"] =>
    (event, fields) => {
      parts.log[level](event, fields);
      void parts.sdk.mcpReq.log(wire, fields ? { event, ...fields } : event, parts.tool).catch(() => {});
    };
  return {
    debug: forward("debug", "debug"),
    info: forward("info", "info"),
    warn: forward("warn", "warning"),
    error: forward("error", "error"),
  };
}
