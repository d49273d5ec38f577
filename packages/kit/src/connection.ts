import type { AuthInfo, Transport } from "@modelcontextprotocol/server";
import type { Era, Principal, WireKind } from "./define-tool.ts";

/** What is known of a connection before its first message reaches the protocol layer. */
export interface ConnectionInfo {
  readonly era: Era;
  readonly transport: WireKind;
  readonly principal?: Principal;
  /** False where a request has no way back to the client besides its own answer (stateless 2025 HTTP). */
  readonly canAsk: boolean;
}

/** A protocol object bound to a transport. */
export interface Connection {
  /** Closes the protocol object and its transport; idempotent. */
  close(): Promise<void>;
}

/** Builds the server's protocol object for one connection and connects it. */
export type Connect = (transport: Transport, info: ConnectionInfo) => Promise<Connection>;

/** What rides along with a message on a wire that many callers share. */
export interface Caller {
  readonly principal?: Principal;
  /** The id the caller sent, where the wire had to replace it by an internal one. */
  readonly requestId?: string | number;
  /** The object that stands for this caller's connection, where many callers share one protocol object. */
  readonly connection?: object;
}

/**
 * Carries a caller through the SDK's message path as `extra.authInfo`.
 *
 * The token field is empty on purpose: handlers never see the raw token (`remote.md` O13).
 */
export function authInfoOf(principal: Principal | undefined, caller: Omit<Caller, "principal"> = {}): AuthInfo {
  return {
    token: "",
    clientId: principal?.clientId ?? "",
    scopes: principal ? [...principal.access] : [],
    extra: { caller: { ...caller, ...(principal && { principal }) } satisfies Caller },
  };
}

/** The caller put there by `authInfoOf`. */
export function callerOf(authInfo: AuthInfo | undefined): Caller {
  // Only `authInfoOf` writes this field, so its shape is known.
  return (authInfo?.extra?.["caller"] as Caller | undefined) ?? {};
}
