import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** What a fault proxy does to the bytes that pass. */
export interface Faults {
  /** Milliseconds added to each chunk. @default 0 */
  readonly latencyMs?: number;
  /** Forward one byte at a time. @default false */
  readonly slice?: boolean;
  /** Reset the connection after this many bytes towards the client. @default never */
  readonly resetAfter?: number;
  /** Accept and swallow everything. @default false */
  readonly blackHole?: boolean;
}

/** A loopback TCP proxy in front of a server. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  faults: Faults;
}

/** Starts a proxy that misbehaves as told; new faults count for the next chunk. */
export async function faultProxy(targetPort: number, faults: Faults): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const proxy = { faults };
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    let delivered = 0;
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // A reset is what this proxy is for.
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => void forward(chunk, target, proxy.faults));
    target.on("data", (chunk: Buffer) => {
      const { resetAfter = Number.POSITIVE_INFINITY } = proxy.faults;
      delivered += chunk.length;
      if (delivered > resetAfter) client.resetAndDestroy();
      else void forward(chunk, client, proxy.faults);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function forward(chunk: Buffer, to: Socket, faults: Faults): Promise<void> {
  if (faults.blackHole) return;
  if (faults.latencyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, faults.latencyMs));
  if (!faults.slice) return void to.write(chunk);
  for (const byte of chunk) to.write(Buffer.of(byte));
}

/**
 * Wraps an operation so that its n-th call fails with a system error code: run a scenario for n = 1, 2, … until a run
 * is clean, and the state is old or new each time.
 */
export function failAt<Arguments extends unknown[], Result>(
  operation: (...input: Arguments) => Result,
  n: number,
  code: string,
): (...input: Arguments) => Result {
  let calls = 0;
  return (...input) => {
    calls += 1;
    if (calls === n) throw Object.assign(new Error(`${code}: injected`), { code });
    return operation(...input);
  };
}
