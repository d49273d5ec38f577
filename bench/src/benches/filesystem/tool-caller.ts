import { initializedMessage } from "../../load/requests.ts";
import { type ServerCommand, type StdioServerProcess, startStdioServer } from "../../load/server-process.ts";

/** An answer to `tools/call`. */
export interface ToolAnswer {
  readonly isError?: boolean;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

/** A stdio server whose tools can be called. */
export class ToolCaller implements AsyncDisposable {
  readonly pid: number;
  readonly #server: StdioServerProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #parts: Buffer[] = [];
  #id = 1;

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
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#waiting.set(this.#id, resolve);
    const start = performance.now();
    this.#server.child.stdin.write(line);
    const message = await promise;
    const wall = performance.now() - start;
    return { answer: answerIn(message, name), wall };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #read(piece: Buffer): void {
    this.#parts.push(piece);
    if (!piece.includes(0x0a)) return;
    const lines = Buffer.concat(this.#parts).toString().split("\n");
    this.#parts = [Buffer.from(lines.pop() ?? "")];
    for (const line of lines) {
      // The servers under test follow the protocol; a wrong shape fails the round.
      const message = JSON.parse(line) as Message;
      this.#waiting.get(message.id ?? 0)?.(message);
      this.#waiting.delete(message.id ?? 0);
    }
  }
}

interface Message {
  readonly id?: number;
  readonly result?: ToolAnswer;
  readonly error?: { readonly message: string };
}

function answerIn({ result, error }: Message, name: string): ToolAnswer {
  if (!result) throw new Error(`${name}: ${error?.message ?? "no result"}`);
  if (result.isError) throw new Error(`${name}: ${result.content[0]?.text?.slice(0, 300)}`);
  return result;
}
