import type { JSONRPCMessage, McpServerFactory, Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { type StdioEnd, StdioTransport, type StdioTransportOptions } from "./stdio-transport.ts";

/** Streams and limits of one connection, and where its problems are reported. */
export interface StdioConnectionOptions extends Omit<StdioTransportOptions, "release"> {
  /** Sees every message before the SDK does. */
  readonly observe?: (message: JSONRPCMessage) => void;
  /** Told of what went wrong beside the protocol; for diagnosis, nothing has to be done. */
  readonly onerror?: (error: Error) => void;
}

/** One client being served. */
export interface StdioConnection {
  /** Resolves when everything is answered, written and closed; names why it ended. */
  readonly closed: Promise<StdioEnd>;
  /** Requests that got an error because the time for their answer was over; final once `closed` has resolved. */
  readonly unanswered: number;
  /**
   * Stops reading, answers what was read, closes; settles with `closed`. Idempotent: the first reason counts.
   *
   * @param withinMs Time for the answers, in milliseconds; also shortens an end that has begun.
   */
  end(reason: "parent" | "signal", withinMs?: number): Promise<void>;
}

/**
 * Serves one client over newline-delimited JSON-RPC; its first request decides the era.
 *
 * @param factory Builds a server for the era; called again when a client only probed and then began as an older one.
 */
export function serveStdioConnection(factory: McpServerFactory, options: StdioConnectionOptions): StdioConnection {
  // The SDK's handle, not the transport alone: closing it gives every open subscription its result.
  const transport = new StdioTransport({ ...options, release: () => handle.close() });
  const handle = serveStdio(factory, { transport, ...(options.onerror && { onerror: options.onerror }) });
  if (options.observe) observeMessages(transport, options.observe);
  return {
    closed: transport.closed,
    get unanswered() {
      return transport.unanswered;
    },
    end: (reason, withinMs) => transport.end(reason, withinMs),
  };
}

/** Puts an observer in front of the handler that the SDK has installed. */
export function observeMessages(transport: Transport, observe: (message: JSONRPCMessage) => void): void {
  const handle = transport.onmessage;
  transport.onmessage = (message, extra) => {
    observe(message);
    handle?.(message, extra);
  };
}
