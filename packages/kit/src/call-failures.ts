import { randomUUID } from "node:crypto";
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { cutText } from "./cut-text.ts";
import { type Failure, FailureError, failure, type Tool } from "./define-tool.ts";
import { stackOf } from "./error-text.ts";
import type { Runtime } from "./runtime.ts";

const maxIssueBytes = 2048;
const maxReasonBytes = 1024;
const maxEchoedName = 128;

/** A failure as the result of a call. */
export function failureResult({ code, sentence, next, details }: Failure): CallToolResult {
  const stop = next === "" || /[.!?…]$/.test(sentence) ? "" : ".";
  const text = `${code}: ${sentence}${stop} ${next}`.trimEnd();
  return {
    content: [{ type: "text", text }],
    isError: true,
    _meta: { "bothways/error": { ...details, code } },
  };
}

/** A bug: the model gets an id, the log gets the stack under the same id. */
export function internal(runtime: Runtime, error: unknown): Failure {
  const id = randomUUID().slice(0, 8);
  runtime.log.error("tool failed", { id, stack: stackOf(error) });
  return failure("INTERNAL", `the call failed (id ${id})`, "");
}

export function accessDenied({ name, access }: Tool): Failure {
  return failure("ACCESS_DENIED", `${name} needs the access level "${access}".`, "Ask for a token with that scope.");
}

/** Says why the resources could not be opened, without the secrets that such a reason likes to quote. */
export function unavailable(runtime: Runtime, reason: unknown): Failure {
  if (reason instanceof FailureError) return reason.failure;
  const sentence = reason instanceof Error ? reason.message : "the server's resources could not be opened";
  const next = "Try again; if it stays, check how the server was started.";
  return failure("UNAVAILABLE", cutText(runtime.redact(sentence), maxReasonBytes), next);
}

export function unknownTool(name: string): ProtocolError {
  const shown = Buffer.byteLength(name) <= maxEchoedName ? ` ${JSON.stringify(name)}` : "";
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool${shown}. Call tools/list for the names.`);
}

/** Names key paths and rules, never the values: arguments may be secrets, and hostile ones are large. */
export function invalidInput(tool: string, error: z.ZodError): Failure {
  const lines = error.issues.slice(0, 20).map((issue) => {
    const path = issue.path.map(keyName).join(".") || "arguments";
    const rule = issue.code === "unrecognized_keys" ? unrecognized(issue.keys) : issue.message;
    return `${path}: ${rule}`;
  });
  const text = cutText(lines.join("; "), maxIssueBytes);
  return failure("INVALID_INPUT", text, `Call tools/list for the input schema of ${tool}.`);
}

function unrecognized(keys: readonly string[]): string {
  const names = keys.slice(0, 20).map((key) => JSON.stringify(keyName(key)));
  const more = keys.length > names.length ? ` and ${keys.length - names.length} more` : "";
  return `Unrecognized key${keys.length === 1 ? "" : "s"}: ${names.join(", ")}${more}`;
}

/** A key that is no name of ours is as hostile as a value once it is long. */
function keyName(key: PropertyKey): string {
  const name = String(key);
  return Buffer.byteLength(name) <= maxEchoedName ? name : "(a long name)";
}

export const cancelled: Failure = failure("CANCELLED", "the call was cancelled.", "");
export const drained: Failure = failure(
  "SHUTTING_DOWN",
  "the server is shutting down.",
  "Call again; another process will answer.",
);

export function timedOut(timeoutMs: number): Failure {
  return failure("TIMEOUT", `the call took longer than ${timeoutMs} ms.`, "Ask for less, or narrow the arguments.");
}
