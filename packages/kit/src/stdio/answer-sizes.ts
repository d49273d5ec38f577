import type { JSONRPCRequest } from "@modelcontextprotocol/server";

/** What is expected of a kind of request that has not been answered yet: two of them fill the budget. */
const unknownBytes = 8 * 1024 * 1024;
const maxKinds = 256;
const maxNameLength = 64;

/** Remembers how heavy the answers to each method, and to each tool, have been lately. */
export class AnswerSizes {
  readonly #sizes = new Map<string, number>();

  /** Bytes to expect of the answer. */
  expected(request: JSONRPCRequest): number {
    return this.#sizes.get(kindOf(request)) ?? unknownBytes;
  }

  /** Takes note of an answer: growth counts at once, shrinking by and by. */
  learn(request: JSONRPCRequest, bytes: number): void {
    const kind = kindOf(request);
    const known = this.#sizes.get(kind);
    if (known === undefined && this.#sizes.size >= maxKinds) return;
    this.#sizes.set(kind, known === undefined || bytes > known ? bytes : known - (known - bytes) / 8);
  }
}

function kindOf({ method, params }: JSONRPCRequest): string {
  if (method !== "tools/call") return method.slice(0, maxNameLength);
  const name = params?.["name"];
  return typeof name === "string" ? `${method} ${name.slice(0, maxNameLength)}` : method;
}
