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

/**
 * Carries a principal through the SDK's message path as `extra.authInfo`.
 *
 * The token field is empty on purpose: handlers never see the raw token (`remote.md` O13).
 */
export function authInfoOf(principal: Principal): AuthInfo {
  return { token: "", clientId: principal.clientId, scopes: [...principal.access], extra: { principal } };
}

/** The principal put there by `authInfoOf`. */
export function principalOf(authInfo: AuthInfo | undefined): Principal | undefined {
  // Only `authInfoOf` writes this field, so its shape is known.
  return authInfo?.extra?.["principal"] as Principal | undefined;
}
