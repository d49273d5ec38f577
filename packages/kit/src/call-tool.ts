import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { z } from "zod";
import { CallContext, stateBinding } from "./call-context.ts";
import type { CompiledTool } from "./compile-tools.ts";
import { type ConnectionInfo, callerOf } from "./connection.ts";
import { hasAccess } from "./define-server.ts";
import { type Failure, FailureError, failure, type Tool, type ToolResult } from "./define-tool.ts";
import type { Runtime } from "./runtime.ts";

const defaultTimeoutMs = 60_000;
const maxIssueText = 2048;
const maxEchoedName = 128;

/** Where a call came in. */
export interface CallSite {
  readonly mcp: McpServer;
  readonly info: ConnectionInfo;
  readonly connection: object;
}

/**
 * Runs one `tools/call`: input check, resources, the tool itself under a deadline, and the mapping of its result.
 *
 * @throws {ProtocolError} -32602 for an unknown tool or a forged `requestState`; everything else is a result.
 */
export async function callTool(
  runtime: Runtime,
  site: CallSite,
  params: CallToolRequest["params"],
  sdk: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const compiled = runtime.tools.get(params.name);
  if (!compiled) throw unknownTool(params.name);
  const principal = callerOf(sdk.http?.authInfo).principal ?? site.info.principal;
  if (principal && !hasAccess(runtime.access, principal.access, compiled.tool.access)) {
    return failureResult(accessDenied(compiled.tool));
  }
  const parsed = compiled.input.safeParse(params.arguments ?? {});
  if (!parsed.success) return failureResult(invalidInput(compiled.tool.name, parsed.error));
  const resources = await runtime.resources().catch((reason: unknown) => unavailable(reason));
  if (isFailure(resources)) return failureResult(resources);
  const state = await redeemState(runtime, site, compiled, parsed.data, sdk);
  const result = await settle(runtime, site, compiled, { input: parsed.data, resources, state }, sdk);
  return mapResult(runtime, compiled, result);
}

interface Prepared {
  readonly input: unknown;
  readonly resources: unknown;
  readonly state: unknown;
}

async function settle(
  runtime: Runtime,
  site: CallSite,
  { tool }: CompiledTool,
  { input, resources, state }: Prepared,
  sdk: ServerContext,
): Promise<ToolResult> {
  const timeoutMs = tool.timeoutMs ?? defaultTimeoutMs;
  const stop = new AbortController();
  const parts = { sdk, ...site, signal: stop.signal, tool: tool.name, input, state, ...runtime.callParts };
  const ctx = new CallContext(parts);
  const { promise: stopped, resolve: stopWith } = Promise.withResolvers<Failure>();
  const abort = (reason: Failure): void => {
    stop.abort(new FailureError(reason.code, reason.sentence, reason.next));
    stopWith(reason);
  };
  const onCancel = (): void => abort(cancelled);
  const end = runtime.calls.begin(() => abort(drained));
  const timer = setTimeout(() => abort(timedOut(timeoutMs)), timeoutMs);
  sdk.mcpReq.signal.addEventListener("abort", onCancel, { once: true });
  try {
    // `defineTool` erased the input type; `input` was parsed by this tool's own schema.
    const result = await Promise.race([runSafely(runtime, () => tool.run(input as never, resources, ctx)), stopped]);
    if (ctx.hasReported) await setImmediate();
    return result;
  } finally {
    clearTimeout(timer);
    sdk.mcpReq.signal.removeEventListener("abort", onCancel);
    ctx.end();
    end();
  }
}

async function runSafely(runtime: Runtime, run: () => ToolResult | Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    const id = randomUUID().slice(0, 8);
    runtime.log.error("tool failed", { id, stack: error instanceof Error ? error.stack : String(error) });
    return failure("INTERNAL", `the call failed (id ${id})`, "");
  }
}

async function redeemState(
  runtime: Runtime,
  site: CallSite,
  { tool }: CompiledTool,
  input: unknown,
  sdk: ServerContext,
): Promise<unknown> {
  const sealed = sdk.mcpReq.requestState();
  if (typeof sealed !== "string") return undefined;
  const binding = stateBinding({ sdk, info: site.info, tool: tool.name, input });
  return runtime.callParts.states.redeem(sealed, binding, sdk, tool.singleUseState ?? false);
}

function mapResult(runtime: Runtime, { tool }: CompiledTool, result: ToolResult): CallToolResult | InputRequiredResult {
  if (result.kind === "input-needed") return result.result;
  if (result.kind === "failure") return failureResult(result);
  if (runtime.validateOutput && tool.outputSchema) {
    const checked = tool.outputSchema.safeParse(result.data);
    if (!checked.success) {
      runtime.log.error("output does not match outputSchema", { tool: tool.name, issues: checked.error.message });
      return failureResult(failure("INTERNAL", "the result does not match the tool's output schema", ""));
    }
  }
  const hasOutput = tool.outputSchema !== undefined;
  const text = result.text === undefined && hasOutput ? JSON.stringify(result.data) : (result.text ?? null);
  const content: CallToolResult["content"] = [
    ...(text === null ? [] : [{ type: "text" as const, text }]),
    ...result.content,
  ];
  if (!hasOutput) return { content };
  // The tool's `run` is typed by its output schema, whose root is an object.
  const structuredContent = result.data as Record<string, unknown>;
  return { content, structuredContent };
}

function failureResult({ code, sentence, next, details }: Failure): CallToolResult {
  const stop = next === "" || /[.!?…]$/.test(sentence) ? "" : ".";
  const text = `${code}: ${sentence}${stop} ${next}`.trimEnd();
  return {
    content: [{ type: "text", text }],
    isError: true,
    _meta: { "bothways/error": { ...details, code } },
  };
}

function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "failure";
}

function accessDenied({ name, access }: Tool): Failure {
  return failure("ACCESS_DENIED", `${name} needs the access level "${access}".`, "Ask for a token with that scope.");
}

function unavailable(reason: unknown): Failure {
  if (reason instanceof FailureError) return reason.failure;
  const sentence = reason instanceof Error ? reason.message : "the server's resources could not be opened";
  return failure("UNAVAILABLE", sentence, "Try again; if it stays, check how the server was started.");
}

function unknownTool(name: string): ProtocolError {
  const shown = Buffer.byteLength(name) <= maxEchoedName ? ` ${JSON.stringify(name)}` : "";
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool${shown}. Call tools/list for the names.`);
}

/** Names key paths and rules, never the values: arguments may be secrets, and hostile ones are large. */
function invalidInput(tool: string, error: z.ZodError): Failure {
  const lines = error.issues.slice(0, 20).map((issue) => {
    const path = issue.path.map(String).join(".") || "arguments";
    return `${path.slice(0, 256)}: ${issue.message}`;
  });
  const text = lines.join("; ");
  const capped = text.length > maxIssueText ? `${text.slice(0, maxIssueText - 1)}…` : text;
  return failure("INVALID_INPUT", capped, `Call tools/list for the input schema of ${tool}.`);
}

const cancelled = failure("CANCELLED", "the call was cancelled.", "");
const drained = failure("SHUTTING_DOWN", "the server is shutting down.", "Call again; another process will answer.");

function timedOut(timeoutMs: number): Failure {
  return failure("TIMEOUT", `the call took longer than ${timeoutMs} ms.`, "Ask for less, or narrow the arguments.");
}
