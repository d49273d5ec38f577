import type { JSONRPCRequest, RequestId } from "@modelcontextprotocol/server";
import { AnswerSizes } from "./answer-sizes.ts";
import { isSubscription, type RequestLedger } from "./request-ledger.ts";

interface Held {
  readonly request: JSONRPCRequest;
  readonly lineBytes: number;
}

/** How often requests that wait are tried again when nothing else happens, in milliseconds. */
const wideningMs = 20;
/** A reader with less than this before it keeps up; a few times what a pipe holds. */
const keepingUpBytes = 256 * 1024;

/**
 * Decides when a request that was read may start, so that the answers waiting for a slow reader stay bounded.
 *
 * Not reading stdin is not enough: fifty calls fit into one read and answer with hundreds of megabytes. So a call
 * reserves what its answer is expected to weigh. A kind of call not answered before is expected to be heavy; two of
 * them run at first, and while the reader keeps up two more every few milliseconds. Calls that take long all run soon,
 * and calls that answer fast teach what they weigh. Responses and notifications never wait here, so a
 * call that asks the client something can be answered.
 */
export class Admission {
  readonly #budget: number;
  readonly #ledger: RequestLedger;
  readonly #waitingBytes: () => number;
  readonly #onwiden: () => void;
  readonly #sizes = new AnswerSizes();
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #allowance: number;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param budget Bytes of answers, waiting and expected together.
   * @param waitingBytes Bytes of output that wait for the reader.
   * @param onwiden Called when requests that are held may be tried again.
   */
  constructor(budget: number, ledger: RequestLedger, waitingBytes: () => number, onwiden: () => void) {
    this.#budget = budget;
    this.#allowance = budget;
    this.#ledger = ledger;
    this.#waitingBytes = waitingBytes;
    this.#onwiden = onwiden;
  }

  /** Bytes of the lines whose requests are held. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The ids of the requests that are held. */
  get heldIds(): RequestId[] {
    return this.#held.map(({ request }) => request.id);
  }

  /** True, and the ledger has it, if the request may start now; otherwise it is held until `next` returns it. */
  admit(request: JSONRPCRequest, lineBytes: number): boolean {
    if (this.#held.length === 0 && this.#start(request)) return true;
    this.#held.push({ request, lineBytes });
    this.#heldBytes += lineBytes;
    this.#timer ??= setTimeout(this.#widen, wideningMs);
    return false;
  }

  /** The request that has been held longest, if there is room for it by now. */
  next(): JSONRPCRequest | undefined {
    const first = this.#held[0];
    if (first === undefined || !this.#start(first.request)) return undefined;
    this.#forget(0);
    return first.request;
  }

  /** Gives up the latest request of this id if it is held. */
  withdraw(id: RequestId): boolean {
    const index = this.#held.findLastIndex(({ request }) => request.id === id);
    if (index !== -1) this.#forget(index);
    return index !== -1;
  }

  /** Takes note of an answer's size. */
  learn(request: JSONRPCRequest, bytes: number): void {
    this.#sizes.learn(request, bytes);
  }

  /** Gives up everything that is held. */
  close(): void {
    while (this.#held.length > 0) this.#forget(0);
  }

  #start(request: JSONRPCRequest): boolean {
    const expected = isSubscription(request) ? 0 : this.#sizes.expected(request);
    const waiting = this.#waitingBytes();
    const hasRoom =
      this.#ledger.calls === 0 ? waiting < this.#budget : waiting + this.#ledger.reserved + expected <= this.#allowance;
    if (hasRoom) this.#ledger.add(request, expected);
    return hasRoom;
  }

  #forget(index: number): void {
    const [held] = this.#held.splice(index, 1);
    this.#heldBytes -= held?.lineBytes ?? 0;
    if (this.#held.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#allowance = this.#budget;
  }

  readonly #widen = (): void => {
    this.#allowance = this.#waitingBytes() < keepingUpBytes ? this.#allowance + this.#budget : this.#budget;
    this.#timer = setTimeout(this.#widen, wideningMs);
    this.#onwiden();
  };
}
