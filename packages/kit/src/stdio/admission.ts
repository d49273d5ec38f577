import type { JSONRPCRequest, RequestId } from "@modelcontextprotocol/server";
import { AnswerSizes, isLight } from "./answer-sizes.ts";
import { isSubscription, type RequestLedger } from "./request-ledger.ts";

interface Held {
  readonly request: JSONRPCRequest;
  readonly lineBytes: number;
}

const mebibyte = 1024 * 1024;
/** Requests that are held, by the bytes of their lines, beyond which reading pauses. */
const maxHeldBytes = mebibyte;
/** Answers waiting for the reader and expected by calls in progress, together, beyond which no call begins. */
const budgetBytes = 16 * mebibyte;
/** The same, for calls whose answers are known, while the reader keeps up. */
const patientBudgetBytes = 64 * mebibyte;
/** A reader with less than this before it keeps up; a few times what a pipe holds. */
const keepingUpBytes = mebibyte / 4;
/** What an answer is assumed to weigh of which nothing is known: two of them fill the budget. */
const assumedBytes = 8 * mebibyte;
/** How often requests that wait are tried again when nothing else happens, in milliseconds. */
const retryEveryMs = 50;
/** Retries with little to do for the event loop, before more calls begin: a tenth of a second. */
const idleRetries = 2;
/** The same while it is busy, when more calls at once are of no use. */
const busyRetries = 10;

/**
 * Decides when a request that was read may start, so that the answers waiting for a slow reader stay bounded.
 *
 * Not reading stdin is not enough: fifty calls fit into one read and answer with hundreds of megabytes. So a call
 * counts with what its answer is expected to weigh. A kind of call not answered before is assumed to be heavy, and two
 * of them run at first. Most answer within moments, which teaches what they weigh; when they take their time, the
 * assumption is halved again and again until all of them run.
 *
 * Responses and notifications never wait here, so a call that asks the client something can be answered, and
 * housekeeping such as a ping has room of its own.
 */
export class Admission {
  readonly #ledger: RequestLedger;
  readonly #waitingBytes: () => number;
  readonly #onretry: () => void;
  readonly #sizes = new AnswerSizes();
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #budget = budgetBytes;
  #assumed = assumedBytes;
  #timer: NodeJS.Timeout | undefined;
  #utilization = performance.eventLoopUtilization();
  /** Share of the retries that have to pass before more calls begin. */
  #patience = 0;

  /**
   * @param waitingBytes Bytes of output that wait for the reader.
   * @param onretry Called when requests that are held may be tried again.
   */
  constructor(ledger: RequestLedger, waitingBytes: () => number, onretry: () => void) {
    this.#ledger = ledger;
    this.#waitingBytes = waitingBytes;
    this.#onretry = onretry;
  }

  /** True while so much output waits that not even the next line should be looked at. */
  get isFull(): boolean {
    return this.#waitingBytes() > budgetBytes || this.#heldBytes > maxHeldBytes;
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
    if ((this.#held.length === 0 || isLight(request)) && this.#start(request)) return true;
    this.#held.push({ request, lineBytes });
    this.#heldBytes += lineBytes;
    if (this.#timer === undefined) this.#watch();
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
    const budget = (expected === undefined ? budgetBytes : this.#budget) * (isLight(request) ? 2 : 1);
    const isAlone = this.#ledger.calls === 0 && waiting < budgetBytes;
    const total = waiting + this.#ledger.expected(this.#assumed) + (expected ?? this.#assumed);
    if (!isAlone && total > budget) return false;
    this.#ledger.add(request, expected);
    return true;
  }

  #forget(index: number): void {
    const [held] = this.#held.splice(index, 1);
    this.#heldBytes -= held?.lineBytes ?? 0;
    if (this.#held.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#patience = 0;
    this.#relax(false);
  }

  #watch(): void {
    this.#utilization = performance.eventLoopUtilization();
    this.#timer = setTimeout(this.#retry, retryEveryMs);
  }

  readonly #retry = (): void => {
    const { utilization } = performance.eventLoopUtilization(performance.eventLoopUtilization(), this.#utilization);
    this.#watch();
    this.#patience += 1 / (utilization < 0.5 ? idleRetries : busyRetries);
    if (this.#patience < 0.999) return;
    this.#relax(this.#waitingBytes() < keepingUpBytes);
    this.#onretry();
  };

  #relax(isKeepingUp: boolean): void {
    this.#budget = isKeepingUp ? patientBudgetBytes : budgetBytes;
    this.#assumed = isKeepingUp ? this.#assumed / 2 : assumedBytes;
  }
}
