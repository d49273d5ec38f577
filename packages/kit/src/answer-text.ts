import type { JSONRPCMessage, JSONRPCResponse } from "@modelcontextprotocol/server";
import { cutText } from "./cut-text.ts";

/** With its data and its frame an error stays below 4 KiB. */
const maxMessageBytes = 1024;
const maxDataBytes = 2048;
/** The protocol layer quotes what it does not know, at any length; nothing of ours has a word like this. */
const longWord = /\S{257,}/g;

/**
 * The text of an answer on every wire; whoever called gets one, whatever a handler returned.
 *
 * A result that cannot be written (a bigint, a cycle, too long for a string) becomes an error, and an error is bounded,
 * because those of the protocol layer repeat what the caller sent.
 *
 * @param onUnwritable Told why a result could not be written.
 */
export function answerText(message: JSONRPCResponse, onUnwritable?: (error: Error) => void): string {
  if ("error" in message) return JSON.stringify({ ...message, error: boundedError(message.error) });
  try {
    return JSON.stringify(message);
  } catch (error) {
    onUnwritable?.(error instanceof Error ? error : new Error(String(error)));
    const unwritable = { code: -32603, message: "The result cannot be written as JSON." };
    return JSON.stringify({ jsonrpc: "2.0", id: message.id, error: unwritable });
  }
}

/** The text of any message; one that is no answer throws if it cannot be written, which only its sender has to know. */
export function messageText(message: JSONRPCMessage, onUnwritable?: (error: Error) => void): string {
  return "method" in message ? JSON.stringify(message) : answerText(message, onUnwritable);
}

type WireError = Extract<JSONRPCResponse, { error: unknown }>["error"];

/** An error that neither repeats a long word of the caller nor grows with what the caller sent. */
function boundedError({ code, message, data }: WireError): WireError {
  const text = cutText(message.replace(longWord, "…"), maxMessageBytes);
  const isSmall = data !== undefined && Buffer.byteLength(JSON.stringify(data) ?? "") <= maxDataBytes;
  return { code, message: text, ...(isSmall && { data }) };
}
