import { connect, type Socket } from "node:net";
import { HttpResponseReader } from "./http-response-reader.ts";
import { LevelClock } from "./level-clock.ts";
import type { HttpPlan, Level, LoadReport } from "./plan.ts";
import { type RequestTemplate, stampId } from "./requests.ts";
import { takeOrders } from "./take-orders.ts";

/** One keep-alive connection with at most one request on its way. */
class LoadConnection {
  readonly #reader = new HttpResponseReader();
  readonly #socket: Socket;
  readonly #plan: HttpPlan;
  #answered: (() => void) | undefined;
  #failed: (error: Error) => void = () => {};

  constructor(plan: HttpPlan) {
    this.#plan = plan;
    this.#reader.capture = true;
    this.#socket = connect({
      port: plan.port,
      host: "127.0.0.1",
      noDelay: true,
      // One buffer for all reads: no allocation while the clock runs.
      onread: { buffer: Buffer.allocUnsafe(128 * 1024), callback: (length, buffer) => this.#read(length, buffer) },
    });
    this.#socket.on("error", (error) => this.#failed(error));
    this.#socket.on("close", () => this.#failed(new Error("The server closed a connection under load.")));
  }

  /** Calls `next` after each answer until it returns undefined. */
  run(next: () => RequestTemplate | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      const send = (): void => {
        const template = next();
        if (template === undefined) resolve();
        else this.#socket.write(template.bytes);
      };
      this.#answered = send;
      send();
    });
  }

  end(): void {
    this.#failed = () => {};
    this.#socket.destroy();
  }

  #read(length: number, buffer: Uint8Array): boolean {
    // Node hands back the very Buffer it was given above.
    if (!this.#reader.feed((buffer as Buffer).subarray(0, length))) return true;
    if (this.#reader.capture) this.#checkFirst();
    if (this.#reader.status !== this.#plan.status)
      this.#failed(new Error(`A call was answered with ${this.#reader.status}.`));
    else this.#answered?.();
    return true;
  }

  #checkFirst(): void {
    this.#reader.capture = false;
    if (!this.#reader.captured.includes(this.#plan.expect)) {
      this.#failed(new Error(`Unexpected answer: ${this.#reader.captured.slice(0, 600)}`));
    }
    this.#reader.captured = "";
  }
}

let lastId = 0;

async function runLevel(plan: HttpPlan, level: Level): Promise<LoadReport> {
  const connections = Array.from({ length: level.inFlight }, () => new LoadConnection(plan));
  const share = Math.max(1, Math.floor(plan.templates.length / level.inFlight));
  const clock = new LevelClock(level, plan.serverPid, ownCpu);
  let open = true;
  await Promise.all(
    connections.map((connection, index) => {
      let sentAt = Number.NaN;
      let turn = 0;
      return connection.run(() => {
        if (!Number.isNaN(sentAt) && !clock.count(sentAt)) open = false;
        // Each connection has templates of its own: one that is being sent is never restamped.
        const template = plan.templates[index * share + (turn % share)];
        turn += 1;
        if (!open || template === undefined) return undefined;
        lastId += 1;
        stampId(template, lastId);
        sentAt = performance.now();
        return template;
      });
    }),
  );
  const report = clock.report();
  for (const connection of connections) connection.end();
  return report;
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

takeOrders(process, (message) => {
  // `openLoad("http", …)` sends exactly this.
  const plan = message as HttpPlan;
  // Buffers arrive as plain byte arrays.
  const templates = plan.templates.map(({ bytes, idAt }) => ({ bytes: Buffer.from(bytes), idAt }));
  return Promise.resolve((level) => runLevel({ ...plan, templates }, level));
});
