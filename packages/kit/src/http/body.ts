import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { scanJson } from "../json-scan.ts";
import type { Refusal } from "./edge.ts";
import { repeatsKey } from "./repeated-keys.ts";

const maxIdBytes = 256;
const headerMismatch = -32020;

/** A parsed body, or why there is none. */
export type BodyOutcome =
  | { readonly kind: "body"; readonly body: unknown }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The client went away while sending. */
  | { readonly kind: "gone" };

/**
 * Reads and parses a JSON body: checks 10 to 12 of kit.md section 6. Never holds more than `maxBytes`.
 *
 * @param maxBytes Largest body; the declared length is checked before a byte is read.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  const declared = request.headers["content-length"];
  if (declared !== undefined && Number(declared) > maxBytes) return { kind: "refused", refusal: tooLarge(maxBytes) };
  const bytes = await readBytes(request, maxBytes);
  if (bytes === "too-large") return { kind: "refused", refusal: tooLarge(maxBytes) };
  if (bytes === "gone") return { kind: "gone" };
  return parseJson(bytes, request.headers["mcp-method"] !== undefined);
}

/** Checks 11 and 12: structure before values, so that hostile nesting never reaches the parser. */
function parseJson(bytes: Buffer, hasMirrorHeaders: boolean): BodyOutcome {
  const scanned = scanJson(bytes);
  if (scanned !== "ok") return refused(400, -32600, "The JSON is nested deeper than 64 levels or has too many tokens.");
  // A decoder would put other characters in their place, and a tool would work on a text that nobody sent.
  if (!isUtf8(bytes)) return refused(400, -32700, "Parse error: the body is not UTF-8.");
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch {
    return refused(400, -32700, "Parse error: the body is not valid JSON.");
  }
  if (hasMirrorHeaders && repeatsKey(bytes, body))
    return refused(400, headerMismatch, "The body has the same key twice, so that no header can agree with it.");
  // Every answer repeats the id of its request.
  if ([body].flat().some(hasLongId)) return refused(400, -32600, `An id is longer than ${maxIdBytes} bytes.`);
  return { kind: "body", body };
}

function hasLongId(message: unknown): boolean {
  if (typeof message !== "object" || message === null || !("id" in message)) return false;
  return typeof message.id === "string" && Buffer.byteLength(message.id) > maxIdBytes;
}

/** Reads a body; stops keeping it as soon as it is larger than `maxBytes`. */
export function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | "too-large" | "gone"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    request.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received > maxBytes) {
        // Stop keeping; the connection is closed once the refusal is out.
        chunks.length = 0;
        request.removeAllListeners("data");
        request.resume();
        resolve("too-large");
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, received)));
    request.on("error", () => resolve("gone"));
    request.on("close", () => resolve("gone"));
  });
}

/** The refusal of a body over its limit. */
export function tooLarge(maxBytes: number): Refusal {
  const message = `The body is larger than ${maxBytes} bytes. Send less, or raise --max-body.`;
  return { status: 413, code: -32600, message };
}

function refused(status: number, code: number, message: string): BodyOutcome {
  return { kind: "refused", refusal: { status, code, message } };
}
