import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { beginEventStream } from "./respond.ts";

/** Bytes waiting for a slow reader: past the soft mark progress is coalesced, past the hard one the stream is cut. */
const softQueueBytes = 1024 * 1024;
const hardQueueBytes = 4 * 1024 * 1024;
/** A burst is not a slow reader: this much may wait for this long, so that many answers at once cut nobody off. */
const burstQueueBytes = 3 * hardQueueBytes;
const burstMs = 2000;

/** How long a peer may take to show that it is gone before its stream counts as open (kit.md section 12, K8). */
const goneGraceMs = 200;

/** What of a notification may be replaced by a later one: the progress token. */
export type CoalesceKey = string | number;

/** How an event stream is set up. */
export interface EventStreamConfig {
  readonly keepaliveMs: number;
  readonly headers?: OutgoingHttpHeaders;
  /** Frames to send in the packet of the headers. */
  readonly first?: string;
  /** Called once, however the stream ended. */
  readonly onClose?: () => void;
}

/** One server-sent event; JSON text holds no line break, so one `data` line is enough. */
export function eventFrame(data: string, id?: string): string {
  return id === undefined ? `event: message\ndata: ${data}\n\n` : `event: message\nid: ${id}\ndata: ${data}\n\n`;
}

/** An open `text/event-stream` response with keep-alive and a bounded queue. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #onClose: (() => void) | undefined;
  readonly #keepalive: NodeJS.Timeout;
  /** Latest progress per token, kept back while the reader is slow. */
  readonly #held = new Map<CoalesceKey, string>();
  readonly #probes = new Set<() => void>();
  #burst: NodeJS.Timeout | undefined;
  #open = true;

  constructor(response: ServerResponse, config: EventStreamConfig) {
    this.#response = response;
    this.#onClose = config.onClose;
    beginEventStream(response, config.headers);
    // A proxy or a client waits for the headers of an idle stream (K9).
    if (config.first) response.write(config.first);
    else response.flushHeaders();
    this.#keepalive = setInterval(() => this.#comment(), config.keepaliveMs);
    this.#keepalive.unref();
    response.on("drain", () => this.#release());
    response.once("close", () => this.#closed());
    if (response.destroyed) this.#closed();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** True when a sender should let the socket work before it goes on. */
  get isCongested(): boolean {
    return this.#open && this.#response.writableLength > softQueueBytes;
  }

  /**
   * Writes a frame, or cuts the stream of a reader that has left too much unread.
   *
   * @param key Set for progress: past the soft mark only the latest frame of a key is kept.
   */
  send(frame: string, key?: CoalesceKey): void {
    if (!this.#open) return;
    const queued = this.#response.writableLength;
    if (queued > softQueueBytes) {
      if (key !== undefined) {
        this.#held.set(key, frame);
        return;
      }
      if (queued + frame.length > burstQueueBytes) return this.abort();
      if (queued + frame.length > hardQueueBytes) this.#burst ??= setTimeout(() => this.#endBurst(), burstMs).unref();
    }
    this.#release();
    this.#response.write(frame);
  }

  /** Ends the stream properly: what was sent is delivered. */
  end(): void {
    if (!this.#open) return;
    this.#release();
    this.#response.end();
    this.#closed();
  }

  /** Drops the connection with everything unread. */
  abort(): void {
    this.#response.destroy();
    this.#closed();
  }

  /**
   * Gives a peer that has left the time to show it. A client that reconnects at once can be ahead of the news that its
   * old connection is gone, so an open stream is written to and waited for, for a moment.
   */
  async probe(): Promise<void> {
    if (!this.#open) return;
    this.#comment();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, goneGraceMs);
    this.#probes.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#probes.delete(resolve);
  }

  #comment(): void {
    if (this.#open && this.#response.writableLength < softQueueBytes) this.#response.write(": keep-alive\n\n");
  }

  #endBurst(): void {
    this.#burst = undefined;
    if (this.#open && this.#response.writableLength > hardQueueBytes) this.abort();
  }

  #release(): void {
    if (this.#held.size === 0) return;
    for (const frame of this.#held.values()) this.#response.write(frame);
    this.#held.clear();
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#keepalive);
    clearTimeout(this.#burst);
    this.#held.clear();
    for (const onGone of this.#probes) onGone();
    this.#onClose?.();
  }
}
