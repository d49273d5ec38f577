import type { IncomingMessage } from "node:http";
import {
  DEFAULT_NEGOTIATED_PROTOCOL_VERSION,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type RequestId,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import type { Refusal } from "./edge.ts";

const maxBatch = 50;
const maxIdBytes = 256;
/** What the SDKs send. */
const usualAccept = "application/json, text/event-stream";
/** The one revision that defines batches (spec 2025-03-26, basic). */
const batchVersion = "2025-03-26";

/** What a POST of the 2025 wire asks for. */
export interface IncomingMessages {
  readonly kind: "messages";
  readonly messages: readonly JSONRPCMessage[];
  readonly requests: number;
  readonly batch: boolean;
}

/** A body that is not what the wire allows. */
export interface RefusedBody {
  readonly kind: "refused";
  readonly refusal: Refusal;
}

/**
 * Checks the messages of a body.
 *
 * @param version Revision in force, which decides whether an array is allowed.
 */
export function parseMessages(body: unknown, version: string): IncomingMessages | RefusedBody {
  if (!Array.isArray(body)) {
    if (!isMessage(body)) return refused("The body is not a JSON-RPC message.");
    return { kind: "messages", messages: [body], requests: isRequest(body) ? 1 : 0, batch: false };
  }
  if (version !== batchVersion)
    return refused(`Batches exist in protocol revision ${batchVersion} only. Send one message.`);
  if (body.length === 0 || body.length > maxBatch) return refused(`A batch holds 1 to ${maxBatch} messages.`);
  const messages: readonly unknown[] = body;
  if (!messages.every(isMessage)) return refused("The batch holds something that is not a JSON-RPC message.");
  // Spec 2025-03-26, lifecycle: initialize must not be part of a batch.
  if (messages.some(isInitialize)) return refused("Send initialize on its own.");
  const requests = messages.filter(isRequest);
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    return refused("The batch uses a request id twice.");
  return { kind: "messages", messages, requests: requests.length, batch: true };
}

/** Whether a message wants an answer. */
export function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}

/** The request a message cancels. */
export function cancelledId(message: JSONRPCMessage): RequestId | undefined {
  if (!("method" in message) || message.method !== "notifications/cancelled") return undefined;
  const id = message.params?.["requestId"];
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

/** Whether a body, checked or not, asks for a new session. */
export function isInitialize(body: unknown): body is JSONRPCRequest {
  return typeof body === "object" && body !== null && "method" in body && body.method === "initialize" && "id" in body;
}

/** How a POST may be answered: JSON where one result is all there is to say, or a stream in any case. */
export type AnswerForm = "json" | "stream";

/**
 * The form of answer a POST's client likes better, from the weights and then the order of its `Accept`; a refusal when
 * it cannot read both (spec 2025-11-25, transports).
 */
export function negotiateAnswer({ headers: { accept } }: IncomingMessage): AnswerForm | Refusal {
  if (accept === usualAccept) return "json";
  const json = preference(accept, "application", "json");
  const stream = preference(accept, "text", "event-stream");
  if (!json || !stream) return notAcceptable("Send Accept: application/json, text/event-stream.");
  if (stream.weight !== json.weight) return stream.weight > json.weight ? "stream" : "json";
  return stream.position < json.position ? "stream" : "json";
}

/** Refuses a GET whose client cannot read a stream. */
export function checkGetAccept({ headers: { accept } }: IncomingMessage): Refusal | undefined {
  return preference(accept, "text", "event-stream") ? undefined : notAcceptable("Send Accept: text/event-stream.");
}

/** Refuses a request that names a revision this server does not speak. */
export function checkVersion({ headers }: IncomingMessage): Refusal | undefined {
  const version = headers["mcp-protocol-version"];
  if (version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(String(version))) return undefined;
  const message = `Unsupported protocol version. Supported: ${SUPPORTED_PROTOCOL_VERSIONS.join(", ")}.`;
  return { status: 400, code: -32000, message };
}

/** Revision of a request without `MCP-Protocol-Version` on a wire that keeps no session (spec 2025-06-18, transports). */
export const assumedVersion: string = DEFAULT_NEGOTIATED_PROTOCOL_VERSION;

function isMessage(value: unknown): value is JSONRPCMessage {
  // The SDK's guards, because it applies them again and drops in silence what they refuse.
  if (typeof value !== "object" || value === null) return false;
  if (!("method" in value)) return isJSONRPCResultResponse(value) || isJSONRPCErrorResponse(value);
  if (!("id" in value)) return isJSONRPCNotification(value);
  // A long id is never echoed, so a request with one cannot be answered.
  return isJSONRPCRequest(value) && (typeof value.id === "number" || Buffer.byteLength(value.id) <= maxIdBytes);
}

/** RFC 9110 section 12.5.1: where and with what weight a type is accepted, if it is. */
function preference(
  header: string | undefined,
  type: string,
  subtype: string,
): { readonly weight: number; readonly position: number } | undefined {
  for (const [position, part] of (header ?? "").toLowerCase().split(",").entries()) {
    const [range = "", ...parameters] = part.split(";").map((text) => text.trim());
    if (range !== `${type}/${subtype}` && range !== `${type}/*` && range !== "*/*") continue;
    const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
    return weight > 0 ? { weight, position } : undefined;
  }
  return undefined;
}

function notAcceptable(message: string): Refusal {
  return { status: 406, code: -32000, message };
}

function refused(message: string): RefusedBody {
  return { kind: "refused", refusal: { status: 400, code: -32600, message } };
}
