import { createHash, randomBytes } from "node:crypto";
import {
  createRequestStateCodec,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";

const lifeSeconds = 600;

/** What a state is good for; another call cannot use it. */
export interface StateBinding {
  readonly principal: string;
  readonly client: string;
  readonly tool: string;
  readonly input: unknown;
}

/** Signs the state a tool hands to the client and checks what comes back (spec: basic/patterns/mrtr). */
export interface RequestStates {
  seal(state: unknown, binding: StateBinding, ctx: ServerContext): Promise<string>;
  /**
   * @param once True when the state may be redeemed a single time.
   * @throws {ProtocolError} -32602 for anything this process (or its key) did not seal for exactly this call.
   */
  redeem(sealed: string, binding: StateBinding, ctx: ServerContext, once: boolean): Promise<unknown>;
}

/**
 * Creates the codec pair.
 *
 * @param key HMAC key of at least 32 bytes. @default random, so states die with the process
 */
export function createRequestStates(key: Uint8Array | string = randomBytes(32)): RequestStates {
  const spent = new Map<string, number>();
  return {
    async seal(state, binding, ctx) {
      return codecFor(key, binding).mint(state ?? null, ctx);
    },
    async redeem(sealed, binding, ctx, once) {
      const state = await codecFor(key, binding)
        .verify(sealed, ctx)
        .catch(() => {
          throw invalidState();
        });
      if (once) spend(spent, sealed);
      return state;
    },
  };
}

function codecFor(key: Uint8Array | string, binding: StateBinding): ReturnType<typeof createRequestStateCodec> {
  const text = canonicalJson([binding.principal, binding.client, binding.tool, binding.input]);
  const digest = createHash("sha256").update(text).digest("base64url");
  return createRequestStateCodec({ key, ttlSeconds: lifeSeconds, bind: () => digest });
}

function spend(spent: Map<string, number>, sealed: string): void {
  const now = Date.now();
  for (const [known, until] of spent) {
    if (until > now) break;
    spent.delete(known);
  }
  if (spent.has(sealed)) throw invalidState();
  spent.set(sealed, now + lifeSeconds * 1000);
}

function invalidState(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, "Invalid or expired requestState. Call the tool again.");
}

/** JSON with sorted keys, so that the same arguments give the same digest whatever their order (RFC 8785 in spirit). */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
