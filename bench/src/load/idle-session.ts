import { once } from "node:events";
import { connect } from "node:net";
import { openSession } from "./http-side.ts";

/** Opens a 2025 session and its GET stream, and then lets both rest; disposing drops the connection. */
export async function openIdleSession(port: number): Promise<Disposable> {
  const sessionId = await openSession(port);
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write(
    `GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n` +
      `mcp-protocol-version: 2025-11-25\r\nmcp-session-id: ${sessionId}\r\n\r\n`,
  );
  // The v1 SDK sends the head only with its first event, so an answer cannot be waited for.
  await once(socket, "connect");
  return { [Symbol.dispose]: () => void socket.destroy() };
}
