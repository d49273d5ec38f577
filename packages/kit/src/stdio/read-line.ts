import { isUtf8 } from "node:buffer";
import {
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  RELATED_TASK_META_KEY,
  type RequestId,
} from "@modelcontextprotocol/server";
import { scanJson } from "../json-scan.ts";

/** An error answer; `id` is null where the line's own id is unknown or not fit to be repeated. */
export interface ErrorAnswer {
  readonly jsonrpc: "2.0";
  readonly id: RequestId | null;
  readonly error: { readonly code: number; readonly message: string };
}

/** What one line turned out to be. A response to nobody in particular (an error with id null) counts as `blank`. */
export type InboundLine =
  | { readonly kind: "blank" }
  | { readonly kind: "malformed"; readonly answer: ErrorAnswer }
  | { readonly kind: "request"; readonly message: JSONRPCRequest }
  | { readonly kind: "notification"; readonly message: JSONRPCNotification }
  | { readonly kind: "response"; readonly message: JSONRPCResponse };

/** Longest id that is repeated to the client. */
const maxIdBytes = 256;

const blank: InboundLine = { kind: "blank" };
const carriageReturn = 0x0d;
const utf8Mark = Buffer.from("\ufeff");

/**
 * Reads one line of a newline-delimited JSON-RPC stream.
 *
 * Whatever it calls a request or a notification the SDK accepts as one too; the SDK drops the rest without an answer,
 * which is why the shape is judged here. (The SDK's own schemas say the same at ten times the cost.)
 */
export function readLine(line: Buffer): InboundLine {
  const bytes = withoutEnds(line);
  if (isBlank(bytes)) return blank;
  const scan = scanJson(bytes);
  if (scan === "too-deep") return malformed(-32600, "Invalid request: nested more than 64 levels deep.");
  if (scan === "too-many-tokens") return malformed(-32600, "Invalid request: more than 100000 structural characters.");
  if (!isUtf8(bytes)) return malformed(-32700, "Parse error: the line is not UTF-8.");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return malformed(-32700, "Parse error: the line is not JSON.");
  }
  return readValue(value);
}

/** The one answer to a line that is no message. */
export function errorAnswer(id: RequestId | null, code: number, message: string): ErrorAnswer {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

function malformed(code: number, message: string, id: RequestId | null = null): InboundLine {
  return { kind: "malformed", answer: errorAnswer(id, code, message) };
}

/** Accepts CRLF, and the byte order mark that some shells put before what they pipe. */
function withoutEnds(line: Buffer): Buffer {
  const start = line.length >= 3 && utf8Mark.equals(line.subarray(0, 3)) ? 3 : 0;
  const end = line.length > start && line[line.length - 1] === carriageReturn ? line.length - 1 : line.length;
  return start === 0 && end === line.length ? line : line.subarray(start, end);
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false;
  }
  return true;
}

function readValue(value: unknown): InboundLine {
  if (Array.isArray(value)) return malformed(-32600, "Invalid request: batches are not supported over stdio.");
  if (!isRecord(value)) return malformed(-32600, "Invalid request: not a JSON-RPC message.");
  if (isRequest(value)) return { kind: "request", message: value };
  if (isNotification(value)) return { kind: "notification", message: value };
  if (isResponse(value)) return response(value);
  return malformed(-32600, "Invalid request: not a JSON-RPC 2.0 message.", usableId(value["id"]));
}

type JsonRecord = Readonly<Record<string, unknown>>;

const callKeys: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);

function isRequest(value: JsonRecord): value is JSONRPCRequest {
  return isCall(value) && isRequestId(value["id"]);
}

function isNotification(value: JsonRecord): value is JSONRPCNotification {
  return isCall(value) && !("id" in value);
}

function isCall(value: JsonRecord): boolean {
  if (value["jsonrpc"] !== "2.0" || typeof value["method"] !== "string") return false;
  if (!Object.keys(value).every((key) => callKeys.has(key))) return false;
  if (!("params" in value)) return true;
  const params = value["params"];
  return isRecord(params) && (!("_meta" in params) || isMeta(params["_meta"]));
}

function isMeta(meta: unknown): boolean {
  if (!isRecord(meta)) return false;
  if (
    "progressToken" in meta &&
    typeof meta["progressToken"] !== "string" &&
    !Number.isSafeInteger(meta["progressToken"])
  )
    return false;
  const task = meta[RELATED_TASK_META_KEY];
  return !(RELATED_TASK_META_KEY in meta) || (isRecord(task) && typeof task["taskId"] === "string");
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === "string") return id.length <= maxIdBytes && Buffer.byteLength(id) <= maxIdBytes;
  return Number.isSafeInteger(id);
}

/** A valid JSON-RPC response, addressed to somebody or not; more liberal than MCP, because it is never answered. */
function isResponse(value: JsonRecord): boolean {
  const { jsonrpc, id, error } = value;
  if (jsonrpc !== "2.0" || "method" in value) return false;
  if ("result" in value) return !("error" in value) && isRequestId(id);
  return isError(error) && (id === undefined || id === null || isRequestId(id));
}

function isError(error: unknown): error is { code: number; message: string } {
  return isRecord(error) && Number.isSafeInteger(error["code"]) && typeof error["message"] === "string";
}

/** A result that is no object would be dropped further on, and whoever waits for it would wait until its timeout. */
function response({ id, error, result }: JsonRecord): InboundLine {
  if (!isRequestId(id)) return blank;
  if (isError(error)) return { kind: "response", message: { jsonrpc: "2.0", id, error } };
  const isResult = isRecord(result) && (!("_meta" in result) || isRecord(result["_meta"]));
  if (isResult) return { kind: "response", message: { jsonrpc: "2.0", id, result } };
  const problem = { code: -32600, message: "The client sent a result that is not an object." };
  return { kind: "response", message: { jsonrpc: "2.0", id, error: problem } };
}

/** Numbers that JSON.parse has rounded and long strings are not repeated. */
function usableId(id: unknown): RequestId | null {
  if (isRequestId(id)) return id;
  return typeof id === "number" && Number.isFinite(id) && !Number.isInteger(id) ? id : null;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
