import type { JSONRPCErrorResponse, RequestId } from "@modelcontextprotocol/server";

/** What the server has asked the client and not been told yet. */
export class ServerRequests {
  /** As text, because some clients return a number as a string, and the SDK accepts that. */
  readonly #ids = new Set<string>();

  add(id: RequestId): void {
    this.#ids.add(String(id));
  }

  /** Forgets a request; false when it was not waiting, so that its answer concerns nobody. */
  remove(id: unknown): boolean {
    return this.#ids.delete(String(id));
  }

  /** An error for each request, in place of the answer that will not come; they count as answered then. */
  giveUp(): JSONRPCErrorResponse[] {
    const ids = [...this.#ids];
    this.#ids.clear();
    const error = { code: -32000, message: "The client ended the connection before it answered." };
    return ids.map((id) => ({ jsonrpc: "2.0", id, error }));
  }
}
