import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SessionLimits, SessionPlace, SessionStore } from "../src/http/session-store.ts";
import { createLogger } from "../src/observe/logger.ts";

const minute = 60_000;
const hour = 60 * minute;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Opened {
  readonly store: SessionStore;
  readonly lines: string[];
  readonly expired: string[];
  readonly admit: (name: string, principal?: string) => SessionPlace | "full";
}

function open(limits: Partial<SessionLimits> = {}): Opened {
  const lines: string[] = [];
  const expired: string[] = [];
  const log = createLogger((line) => lines.push(line), { level: "debug", format: "text" });
  const store = new SessionStore(
    { maxSessions: 3, sessionIdleMs: 30 * minute, sessionMaxAgeMs: 24 * hour, ...limits },
    log,
  );
  return {
    store,
    lines,
    expired,
    admit(name, principal) {
      const place = store.admit(principal);
      if (!(place instanceof SessionPlace)) return "full";
      place.onExpire = async () => {
        expired.push(name);
      };
      return place;
    },
  };
}

function used(place: SessionPlace | "full"): SessionPlace {
  if (place === "full") throw new Error("the store is full");
  place.use();
  return place;
}

it("closes a session that was begun and never used after 60 s", () => {
  const { expired, admit, lines } = open();
  admit("unused");
  used(admit("used"));

  vi.advanceTimersByTime(59_900);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(2200);

  expect(expired).toEqual(["unused"]);
  expect(lines).toEqual(["debug: session closed reason=unused sessions=1\n"]);
});

it("closes a session that was idle for as long as the limit says, and not while a call is in flight", () => {
  const { expired, admit } = open();
  used(admit("idle"));
  const busy = used(admit("busy"));
  busy.beginCall();

  vi.advanceTimersByTime(30 * minute + 2000);
  expect(expired).toEqual(["idle"]);
  busy.endCall();
  vi.advanceTimersByTime(29 * minute);
  expect(expired).toEqual(["idle"]);
  vi.advanceTimersByTime(minute + 2000);

  expect(expired).toEqual(["idle", "busy"]);
});

it("closes an old session however much it is used, and waits a minute for its last call", () => {
  const { expired, admit } = open({ sessionIdleMs: 100 * hour, sessionMaxAgeMs: hour });
  const [quiet, busy] = [used(admit("quiet")), used(admit("busy"))];
  busy.beginCall();

  vi.advanceTimersByTime(hour - 1000);
  quiet.use();
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(3000);
  expect(expired).toEqual(["quiet"]);
  vi.advanceTimersByTime(minute);

  expect(expired).toEqual(["quiet", "busy"]);
});

it("notices within 2 s, and a short limit within a quarter of it", () => {
  const { expired, admit } = open({ sessionIdleMs: 1000 });
  used(admit("short"));

  vi.advanceTimersByTime(1250);

  expect(expired).toEqual(["short"]);
});

it("holds a timer only while there are sessions", () => {
  const { admit } = open();
  expect(vi.getTimerCount()).toBe(0);

  const [first, second] = [used(admit("first")), used(admit("second"))];
  expect(vi.getTimerCount()).toBe(1);
  first.leave();
  first.leave();
  expect(vi.getTimerCount()).toBe(1);
  second.leave();

  expect(vi.getTimerCount()).toBe(0);
});

it("closes the longest idle session above 60 s idle when all places are taken", () => {
  const { expired, admit, store } = open();
  const old = used(admit("oldest but busy"));
  old.beginCall();
  vi.advanceTimersByTime(1000);
  used(admit("old"));
  vi.advanceTimersByTime(1000);
  used(admit("young"));
  vi.advanceTimersByTime(61_000);

  expect(admit("new")).toBeInstanceOf(SessionPlace);

  expect(expired).toEqual(["old"]);
  expect(store.size).toBe(3);
});

it("refuses when nobody is idle for longer than 60 s, and says when somebody will be", () => {
  const { expired, admit, store } = open();
  for (const name of ["a", "b", "c"]) used(admit(name));
  vi.advanceTimersByTime(45_000);

  expect(store.admit(undefined)).toEqual({ kind: "full", retryAfter: 15 });
  expect(expired).toEqual([]);
});

it("refuses at once and for a minute when every session is busy", () => {
  const { admit, store } = open();
  for (const name of ["a", "b", "c"]) used(admit(name)).beginCall();
  vi.advanceTimersByTime(10 * minute);

  expect(store.admit(undefined)).toEqual({ kind: "full", retryAfter: 60 });
});

it("makes room for a principal at its own cost when its cap is reached", () => {
  const { expired, admit } = open({ maxSessions: 10, maxSessionsPerPrincipal: 1 });
  used(admit("bob's", "bob"));
  vi.advanceTimersByTime(1000);
  used(admit("alice's", "alice"));

  expect(admit("refused", "alice")).toBe("full");
  vi.advanceTimersByTime(61_000);
  expect(admit("accepted", "alice")).toBeInstanceOf(SessionPlace);

  expect(expired).toEqual(["alice's"]);
});

it("tells when a session has no call in flight, or is over", async () => {
  const { admit } = open();
  const [first, second] = [used(admit("first")), used(admit("second"))];
  for (const place of [first, second]) place.beginCall();
  const settled = Promise.all([first.settled(), second.settled()]);

  first.endCall();
  second.leave();

  await expect(settled).resolves.toEqual([undefined, undefined]);
});

it("logs a session that fails to close and goes on", async () => {
  const { store, lines, admit } = open();
  used(admit("fine"));
  const broken = used(admit("broken"));
  broken.onExpire = () => Promise.reject(new Error("no"));

  store.end(broken, "gone");
  await vi.advanceTimersByTimeAsync(0);

  expect(lines).toEqual([
    "debug: session closed reason=gone sessions=1\n",
    expect.stringMatching(/^error: session failed to close stack=Error: no/),
  ]);
});
