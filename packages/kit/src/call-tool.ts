import { setImmediate } from "node:timers/promises";
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { CallContext, stateBinding } from "./call-context.ts";
import {
  accessDenied,
  cancelled,
  drained,
  failureResult,
  internal,
  invalidInput,
  timedOut,
  unavailable,
  unknownTool,
} from "./call-failures.ts";
import type { CompiledTool } from "./compile-tools.ts";
import { type ConnectionInfo, callerOf } from "./connection.ts";
import { hasAccess } from "./define-server.ts";
import { type Failure, FailureError, failure, type ToolResult } from "./define-tool.ts";
import type { Runtime } from "./runtime.ts";

const defaultTimeoutMs = 60_000;

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
  const resources = await runtime.resources().catch((reason: unknown) => unavailable(runtime, reason));
  if (isFailure(resources)) return failureResult(resources);
  const state = await redeemState(runtime, site, compiled, parsed.data, sdk);
  const result = await settle(runtime, site, compiled, { input: parsed.data, resources, state }, sdk);
  try {
    return mapResult(runtime, compiled, result);
  } catch (error) {
    // What `run` returned is no result: a value JSON does not know, or nothing at all.
    return failureResult(internal(runtime, error));
  }
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
    return error instanceof FailureError ? error.failure : internal(runtime, error);
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

function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "failure";
}
