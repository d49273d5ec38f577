import { randomBytes } from "node:crypto";
import { stackOf } from "../error-text.ts";
import type { Logger } from "../observe/logger.ts";

/** A session that was begun and never used is closed after this long. */
const unusedMs = 60_000;
/** When all places are taken, the longest idle session makes room if it is idle for longer than this. */
const evictableMs = 60_000;
/** A call in flight keeps a session beyond its age for at most this long. */
const lastCallMs = 60_000;

/** Caps and lifetimes of everything that holds server state for a client: 2025 sessions and HTTP+SSE connections. */
export interface SessionLimits {
  readonly maxSessions: number;
  /** Per principal, when authentication is on. @default maxSessions */
  readonly maxSessionsPerPrincipal?: number;
  readonly sessionIdleMs: number;
  readonly sessionMaxAgeMs: number;
}

/** A refused admission. */
export interface StoreFull {
  readonly kind: "full";
  /** Seconds until the longest idle session could make room. */
  readonly retryAfter: number;
}

/** 192 random bits; base64url is visible ASCII, as the specification wants it. */
export function createSessionId(): string {
  return randomBytes(24).toString("base64url");
}

/** One place in the store. */
export class SessionPlace {
  readonly kind = "place";
  readonly bornAt: number = performance.now();
  readonly principalId: string | undefined;
  readonly #leave: (place: SessionPlace) => void;
  readonly #onSettled: (() => void)[] = [];
  /** Ends the session; set once there is something to end. */
  onExpire: () => Promise<void> = async () => {};
  #usedAt: number = this.bornAt;
  #used = false;
  #calls = 0;

  constructor(principalId: string | undefined, leave: (place: SessionPlace) => void) {
    this.principalId = principalId;
    this.#leave = leave;
  }

  /** The client did something after it began the session. */
  use(): void {
    this.#used = true;
    this.#usedAt = performance.now();
  }

  /** A call began: the session is not idle until it ended. */
  beginCall(): void {
    this.#calls += 1;
  }

  /** A call was answered or cancelled. */
  endCall(): void {
    this.#calls -= 1;
    this.#usedAt = performance.now();
    if (this.#calls === 0) this.#settle();
  }

  /** Gives the place back; idempotent. */
  leave(): void {
    this.#leave(this);
    this.#settle();
  }

  get isBusy(): boolean {
    return this.#calls > 0;
  }

  /** Resolves when no call is in flight, or the session is over. */
  async settled(): Promise<void> {
    if (this.#calls === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSettled.push(resolve);
    await promise;
  }

  /** Milliseconds without a call; zero while one is in flight. An open stream does not count. */
  idleMs(now: number): number {
    return this.#calls > 0 ? 0 : now - this.#usedAt;
  }

  /** Why the session is over, if it is. */
  expiry(now: number, limits: SessionLimits): "unused" | "idle" | "age" | undefined {
    const age = now - this.bornAt;
    if (!this.#used && age >= unusedMs) return "unused";
    if (this.idleMs(now) >= limits.sessionIdleMs) return "idle";
    return age >= limits.sessionMaxAgeMs + (this.#calls > 0 ? lastCallMs : 0) ? "age" : undefined;
  }

  #settle(): void {
    for (const resolve of this.#onSettled.splice(0)) resolve();
  }
}

/** Admits, expires and evicts; what a session is, its owner knows. */
export class SessionStore {
  readonly #limits: SessionLimits;
  readonly #log: Logger;
  readonly #places = new Set<SessionPlace>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: SessionLimits, log: Logger) {
    this.#limits = limits;
    this.#log = log;
  }

  /** Places taken. */
  get size(): number {
    return this.#places.size;
  }

  /** Takes a place, at the cost of the longest idle session when all are taken. */
  admit(principalId: string | undefined): SessionPlace | StoreFull {
    this.#sweep();
    if (!this.#hasRoom(principalId) && !this.#evictFor(principalId)) {
      return { kind: "full", retryAfter: this.#retryAfter(principalId) };
    }
    const place = new SessionPlace(principalId, (left) => this.#remove(left));
    this.#places.add(place);
    this.#timer ??= setInterval(() => this.#sweep(), this.#granularityMs()).unref();
    return place;
  }

  /** Ends a session whose client did not; does nothing when it is over. */
  end(place: SessionPlace, reason: "unused" | "idle" | "age" | "evicted" | "gone"): void {
    if (!this.#places.has(place)) return;
    this.#remove(place);
    this.#log.debug("session closed", { reason, sessions: this.#places.size });
    place.onExpire().catch((error: unknown) => {
      this.#log.error("session failed to close", { stack: stackOf(error) });
    });
  }

  #hasRoom(principalId: string | undefined): boolean {
    return this.#places.size < this.#limits.maxSessions && !this.#isOwnCapReached(principalId);
  }

  #isOwnCapReached(principalId: string | undefined): boolean {
    const { maxSessionsPerPrincipal } = this.#limits;
    if (principalId === undefined || maxSessionsPerPrincipal === undefined) return false;
    return this.#own(principalId).length >= maxSessionsPerPrincipal;
  }

  #own(principalId: string | undefined): SessionPlace[] {
    return [...this.#places].filter((place) => place.principalId === principalId);
  }

  /** Who can make room: the principal's own sessions when its cap is reached, otherwise anybody's. */
  #rivals(principalId: string | undefined): SessionPlace[] {
    return this.#isOwnCapReached(principalId) ? this.#own(principalId) : [...this.#places];
  }

  #longestIdle(principalId: string | undefined): number {
    const now = performance.now();
    return Math.max(0, ...this.#rivals(principalId).map((place) => place.idleMs(now)));
  }

  #evictFor(principalId: string | undefined): boolean {
    const now = performance.now();
    const idle = this.#longestIdle(principalId);
    if (idle <= evictableMs) return false;
    const place = this.#rivals(principalId).find((rival) => rival.idleMs(now) >= idle);
    if (place) this.end(place, "evicted");
    return this.#hasRoom(principalId);
  }

  #retryAfter(principalId: string | undefined): number {
    const left = evictableMs - this.#longestIdle(principalId);
    return Math.min(60, Math.max(1, Math.ceil(left / 1000)));
  }

  /** Fine enough for short limits, rare enough for long ones. */
  #granularityMs(): number {
    const shortest = Math.min(this.#limits.sessionIdleMs, this.#limits.sessionMaxAgeMs);
    return Math.min(2000, Math.max(50, shortest / 4));
  }

  #sweep(): void {
    const now = performance.now();
    for (const place of this.#places) {
      const reason = place.expiry(now, this.#limits);
      if (reason) this.end(place, reason);
    }
  }

  #remove(place: SessionPlace): void {
    this.#places.delete(place);
    if (this.#places.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
