import { randomBytes } from "node:crypto";
import { type CoalesceKey, eventFrame } from "./streams.ts";

const maxEvents = 256;
const maxBytes = 1024 * 1024;

interface StoredEvent {
  readonly stream: string;
  readonly number: number;
  readonly frame: string;
  readonly bytes: number;
  readonly key: CoalesceKey | undefined;
}

/** Where a client says it stopped reading. */
export interface EventPosition {
  readonly stream: string;
  readonly number: number;
}

/** What the store should know of an event beside its data. */
export interface EventTraits {
  /** Progress token: of one stream and token only the latest event is kept. */
  readonly key?: CoalesceKey | undefined;
  /** Data to keep in place of an event that is larger than the whole store; without it nothing is kept. */
  readonly substitute?: () => string;
}

/** A stream id nobody can guess, so that an event id names a stream of one session and no other. */
export function createStreamId(): string {
  return randomBytes(12).toString("base64url");
}

/** Splits a `Last-Event-ID`; `undefined` for anything this server never sent. */
export function parseEventId(text: string | undefined): EventPosition | undefined {
  const match = text === undefined ? null : /^([\w-]{16})\.(\d{1,15})$/.exec(text);
  return match?.[1] && match[2] ? { stream: match[1], number: Number(match[2]) } : undefined;
}

/** The recent events of one session, for clients that lost a stream: 256 events or 1 MiB, oldest out first. */
export class EventStore {
  readonly #events: StoredEvent[] = [];
  #bytes = 0;
  #last = 0;

  /** Number of the latest event of any stream. */
  get last(): number {
    return this.#last;
  }

  /** The event that tells a client where a stream begins (spec 2025-11-25: id and empty data), with a retry time. */
  prime(stream: string, retryMs: number): string {
    return `id: ${stream}.${this.#last}\nretry: ${retryMs}\ndata: \n\n`;
  }

  /** Stores an event and returns its frame with the event id. */
  append(stream: string, data: string, traits: EventTraits = {}): string {
    this.#last += 1;
    const number = this.#last;
    const frame = eventFrame(data, `${stream}.${number}`);
    if (traits.key !== undefined) this.#drop((event) => event.stream === stream && event.key === traits.key);
    const kept = Buffer.byteLength(frame) <= maxBytes ? frame : this.#substitute(stream, number, traits);
    if (kept === undefined) return frame;
    const bytes = Buffer.byteLength(kept);
    this.#events.push({ stream, number, frame: kept, bytes, key: traits.key });
    this.#bytes += bytes;
    while (this.#events.length > maxEvents || this.#bytes > maxBytes) this.#bytes -= this.#events.shift()?.bytes ?? 0;
    return frame;
  }

  /** Frames of a stream after a position, oldest first. */
  after({ stream, number }: EventPosition): string {
    let frames = "";
    for (const event of this.#events) if (event.stream === stream && event.number > number) frames += event.frame;
    return frames;
  }

  /** Whether any event of the stream is still kept. */
  has(stream: string): boolean {
    return this.#events.some((event) => event.stream === stream);
  }

  /** Drops a stream whose answer nobody waits for. */
  forget(stream: string): void {
    this.#drop((event) => event.stream === stream);
  }

  #substitute(stream: string, number: number, { substitute }: EventTraits): string | undefined {
    return substitute && eventFrame(substitute(), `${stream}.${number}`);
  }

  #drop(matches: (event: StoredEvent) => boolean): void {
    for (let index = this.#events.length - 1; index >= 0; index -= 1) {
      const event = this.#events[index];
      if (!event || !matches(event)) continue;
      this.#bytes -= event.bytes;
      this.#events.splice(index, 1);
    }
  }
}
