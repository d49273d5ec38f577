import { initializedMessage } from "../../load/requests.ts";
import { type ServerCommand, type StdioServerProcess, startStdioServer } from "../../load/server-process.ts";

/** An answer to `tools/call`. */
export interface ToolAnswer {
  readonly isError?: boolean;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

/** A stdio server whose tools can be called one after the other. */
export class ToolCaller implements AsyncDisposable {
  readonly pid: number;
  readonly #server: StdioServerProcess;
  #parts: Buffer[] = [];
  #id = 1;
  #answered: ((line: string) => void) | undefined;

  private constructor(server: StdioServerProcess) {
    this.pid = server.pid;
    this.#server = server;
    server.child.stdout.on("data", (piece: Buffer) => this.#read(piece));
    server.child.stdin.write(`${initializedMessage}\n`);
  }

  static async open(node: string, command: ServerCommand): Promise<ToolCaller> {
    return new ToolCaller(await startStdioServer(node, command));
  }

  /** @returns The answer, and milliseconds from writing the request to its last byte. */
  async call(name: string, input: object): Promise<{ answer: ToolAnswer; wall: number }> {
    this.#id += 1;
    const request = { jsonrpc: "2.0", id: this.#id, method: "tools/call", params: { name, arguments: input } };
    const line = `${JSON.stringify(request)}\n`;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#answered = resolve;
    const start = performance.now();
    this.#server.child.stdin.write(line);
    const text = await promise;
    const wall = performance.now() - start;
    const answer = answerIn(text);
    if (answer.isError) throw new Error(`${name}: ${answer.content[0]?.text?.slice(0, 300)}`);
    return { answer, wall };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #read(piece: Buffer): void {
    this.#parts.push(piece);
    if (piece.at(-1) !== 0x0a) return;
    const lines = Buffer.concat(this.#parts).toString().trimEnd().split("\n");
    this.#parts = [];
    const line = lines.find((one) => one.includes(`"id":${this.#id}`));
    if (line !== undefined) this.#answered?.(line);
  }
}

function answerIn(line: string): ToolAnswer {
  // The servers under test follow the protocol; a wrong shape fails the round.
  const { result, error } = JSON.parse(line) as { result?: ToolAnswer; error?: { message: string } };
  if (!result) throw new Error(error?.message ?? "no result");
  return result;
}
