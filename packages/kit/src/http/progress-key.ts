import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { CoalesceKey } from "./streams.ts";

/** The progress token of a progress notification: a later one of the same token says everything this one says. */
export function progressKey(message: JSONRPCMessage): CoalesceKey | undefined {
  if (!("method" in message) || message.method !== "notifications/progress") return undefined;
  const token = message.params?.["progressToken"];
  return typeof token === "string" || typeof token === "number" ? token : undefined;
}
