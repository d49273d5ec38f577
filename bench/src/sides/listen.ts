import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers one HTTP request. */
export type Serve = RequestListener;

/** Listens on a free loopback port and tells its URL. */
export function listen(serve: Serve): Promise<string> {
  const server = createServer(serve);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      // A TCP server has an address object.
      const { port } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${port}/mcp`);
    });
  });
}
