import type { ClientCapabilities, ContentBlock, InputRequiredResult } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { Notifier } from "./notifier.ts";
import type { Logger } from "./observe/logger.ts";

/** Who calls, as far as authentication told us. Never holds a token or a header. */
export interface Principal {
  /** Stable, opaque: hashes of issuer and subject, or `static:<label>`. */
  readonly id: string;
  readonly subject: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Access levels granted, as the definition names them. */
  readonly access: readonly string[];
  /** Verified claims the definition asked for by name. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Protocol generation of a connection: `2026` is revision 2026-07-28, `2025` everything before it. */
export type Era = "2025" | "2026";

/** What carried a request. `memory` exists in tests only. */
export type WireKind = "stdio" | "http" | "sse" | "memory";

/** What a tool's `run` gets besides its input and the server's resources. */
export interface ToolContext {
  /** Aborts when the call is cancelled, times out or the drain deadline passes; never after normal completion. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The request id as the caller sent it. */
  readonly requestId: string | number;
  readonly era: Era;
  readonly transport: WireKind;
  /** Absent without authentication. */
  readonly principal?: Principal | undefined;
  /** What the client says it can do: per request on 2026-07-28, from `initialize` on 2025 connections. */
  readonly clientCapabilities: ClientCapabilities;
  /**
   * One object per connection (stdio, session, SSE stream) and one per request on stateless wires.
   * Use it as a `WeakMap` key for per-connection state.
   */
  readonly connection: object;
  /** Change notifications to every live client, as `Running.notify`. */
  readonly notify: Notifier;
  /** Sends `notifications/progress` when the caller gave a token; otherwise does nothing. */
  progress(done: number, total?: number, message?: string): void;
  /** Repeats the last progress every `ms` milliseconds until the call ends, so that hosts do not time out. */
  heartbeat(ms: number): void;
  /** Answers to the input this tool asked for in an earlier round, by key; empty on the first round. */
  readonly inputResponses: Readonly<Record<string, unknown>>;
  /** State that this tool attached to its input request, `undefined` on the first round; verified, so it is what the tool wrote. */
  readonly requestState: unknown;
  /** Ends this call's response stream so that the client reconnects and polls (SEP-1699); elsewhere does nothing. */
  closeStream(): void;
  /**
   * Asks the user: `return ctx.inputRequired({ inputRequests: { ok: inputRequired.elicit({ … }) }, state })`.
   * Becomes an `input_required` result on 2026-07-28 and a real elicitation on 2025 connections that can carry one.
   */
  inputRequired(ask: InputAsk): Promise<InputNeeded | Failure>;
}

/** Input a tool needs before it can go on. */
export interface InputAsk {
  /** Embedded requests by key, built with the SDK's `inputRequired.elicit(…)` family. */
  readonly inputRequests?: NonNullable<InputRequiredResult["inputRequests"]>;
  /** JSON value handed back to the next round; signed, not encrypted. */
  readonly state?: unknown;
}

/** A tool's successful answer; build it with `success`. */
export interface Success<Data = unknown> {
  readonly kind: "success";
  readonly data: Data;
  /** The first text block; `null` for none, `undefined` for compact JSON of `data`. */
  readonly text: string | null | undefined;
  readonly content: readonly ContentBlock[];
}

/** A tool's expected failure; build it with `failure`. */
export interface Failure {
  readonly kind: "failure";
  readonly code: string;
  readonly sentence: string;
  readonly next: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An SDK `input_required` result on its way out; build it with `ctx.inputRequired`. */
export interface InputNeeded {
  readonly kind: "input-needed";
  readonly result: InputRequiredResult;
}

/** What `run` may return: an answer, an expected failure, or a question to the user. */
export type ToolResult<Data = unknown> = Success<Data> | Failure | InputNeeded;

/** The four hints of the MCP specification, all written out. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

interface ToolBase {
  /** `^[a-z][a-z0-9_]{0,63}$`, unique in its server. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolHints;
  /** A level of the server's `access.order`, or one of its extras. */
  readonly access: string;
  /** Hard limit of one call in milliseconds. @default 60000 */
  readonly timeoutMs?: number;
  /** True when the state of an input request may come back only once. @default false */
  readonly singleUseState?: boolean;
  /** Goes to the tool's `_meta` on the wire. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** A tool as a server holds it: input and output types erased, checked by its schemas at run time. */
export interface Tool<Resources = unknown> extends ToolBase {
  readonly inputSchema: z.ZodObject;
  readonly outputSchema?: z.ZodType;
  run(input: never, resources: Resources, ctx: ToolContext): ToolResult | Promise<ToolResult>;
}

/** A tool as an author writes it. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType, Resources> extends ToolBase {
  /** Built once at module scope; unknown keys are rejected whatever its mode. */
  readonly inputSchema: Input;
  /** Shape of `structuredContent`. Leave out only for tools that return content blocks alone. */
  readonly outputSchema?: Output;
  run(
    input: z.output<Input>,
    resources: Resources,
    ctx: ToolContext,
  ): ToolResult<z.input<Output>> | Promise<ToolResult<z.input<Output>>>;
}

/**
 * Declares one tool; identity at run time, inference for `run` at compile time.
 *
 * The declaration is checked by `defineServer` (name, hints, access level).
 */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodType, Resources>(
  definition: ToolDefinition<Input, Output, Resources>,
): Tool<Resources> {
  // The registry parses with `inputSchema` before it calls `run`, so the erased parameter is sound.
  return definition;
}

/**
 * A result: `data` becomes `structuredContent`, `text` the first text block.
 *
 * @param text `null` for no text block, as when `content` is an image. @default compact JSON of `data`
 * @param content Further blocks after the text.
 */
export function success<Data>(data: Data, text?: string | null, content: readonly ContentBlock[] = []): Success<Data> {
  return { kind: "success", data, text, content };
}

/**
 * An expected failure: the text starts `CODE: sentence` and ends with the next step.
 *
 * @param code Upper-case with underscores, from the server's documented set.
 * @param sentence What happened, without a path or value the caller must not see.
 * @param next The tool, argument or flag to use next.
 * @param details Further fields of `_meta["bothways/error"]`.
 */
export function failure(
  code: string,
  sentence: string,
  next: string,
  details: Readonly<Record<string, unknown>> = {},
): Failure {
  return { kind: "failure", code, sentence, next, details };
}

/** A `failure` that can be thrown from deep inside a domain; the kit turns it into the same result. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  readonly failure: Failure;

  constructor(code: string, sentence: string, next: string, details: Readonly<Record<string, unknown>> = {}) {
    super(`${code}: ${sentence}`);
    this.failure = failure(code, sentence, next, details);
  }
}
