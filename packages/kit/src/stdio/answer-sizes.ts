import type { JSONRPCRequest } from "@modelcontextprotocol/server";

/** What a server's own code answers may weigh anything; the rest is the protocol's housekeeping. */
const heavyMethods: ReadonlySet<string> = new Set(["tools/call", "resources/read", "prompts/get"]);
/** What is expected of housekeeping that has not been answered yet. */
const unknownLightBytes = 64 * 1024;
const maxKinds = 256;
const maxNameLength = 64;

/** Whether the answer is housekeeping: a list, a handshake, a ping. */
export function isLight({ method }: JSONRPCRequest): boolean {
  return !heavyMethods.has(method);
}

/** Remembers how heavy the answers to each method, and to each tool, have been lately. */
export class AnswerSizes {
  readonly #sizes = new Map<string, number>();

  /** Bytes to expect of the answer; undefined when nothing is known. */
  expected(request: JSONRPCRequest): number | undefined {
    return this.#sizes.get(kindOf(request)) ?? (isLight(request) ? unknownLightBytes : undefined);
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
