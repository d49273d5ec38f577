import type { JSONRPCRequest, RequestId } from "@modelcontextprotocol/server";

interface Entry {
  readonly request: JSONRPCRequest;
  /** Bytes that the answer is expected to have; undefined when nothing is known. */
  readonly expected: number | undefined;
  /** A subscription is answered when it ends; until then it counts as settled once it is acknowledged. */
  acknowledged: boolean;
  /** An earlier request that carries the same id. */
  readonly earlier: Entry | undefined;
}

/** The requests that were handed on and are not answered yet; ids may repeat, because clients do not always count. */
export class RequestLedger {
  readonly #entries = new Map<RequestId, Entry>();
  #calls = 0;
  #unacknowledged = 0;
  #expected = 0;
  #unknown = 0;

  /** Requests in progress, subscriptions excepted. */
  get calls(): number {
    return this.#calls;
  }

  /**
   * Bytes of answers to expect from them.
   *
   * @param assumed What an answer weighs of which nothing is known.
   */
  expected(assumed: number): number {
    return this.#expected + this.#unknown * assumed;
  }

  /** True when every request is answered and every subscription at least acknowledged. */
  get isSettled(): boolean {
    return this.#calls === 0 && this.#unacknowledged === 0;
  }

  /** The ids of all that are unanswered, as often as they were received. */
  get ids(): RequestId[] {
    const ids: RequestId[] = [];
    for (const [id, latest] of this.#entries) {
      for (let entry: Entry | undefined = latest; entry !== undefined; entry = entry.earlier) ids.push(id);
    }
    return ids;
  }

  /** @param expected Bytes that the answer is expected to have; undefined when nothing is known. */
  add(request: JSONRPCRequest, expected: number | undefined): void {
    this.#entries.set(request.id, { request, expected, acknowledged: false, earlier: this.#entries.get(request.id) });
    if (isSubscription(request)) this.#unacknowledged += 1;
    else this.#calls += 1;
    this.#expected += expected ?? 0;
    if (expected === undefined) this.#unknown += 1;
  }

  /** Ends the latest request of this id, which has been answered, or cancelled and will not be; returns it. */
  settle(id: RequestId): JSONRPCRequest | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.earlier === undefined) this.#entries.delete(id);
    else this.#entries.set(id, entry.earlier);
    if (!isSubscription(entry.request)) this.#calls -= 1;
    else if (!entry.acknowledged) this.#unacknowledged -= 1;
    this.#expected -= entry.expected ?? 0;
    if (entry.expected === undefined) this.#unknown -= 1;
    return entry.request;
  }

  /** Notes that a subscription has begun. */
  acknowledge(id: RequestId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.acknowledged || !isSubscription(entry.request)) return;
    entry.acknowledged = true;
    this.#unacknowledged -= 1;
  }
}

/** A request that stays open as long as the client wants to hear of changes. */
export function isSubscription(request: JSONRPCRequest): boolean {
  return request.method === "subscriptions/listen";
}
