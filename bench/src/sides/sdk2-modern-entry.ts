import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { sdk2Factory } from "./sdk2-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

// Serves 2026-07-28 and, by the handler's own fallback, 2025 requests without sessions.
const handle = toNodeHandler(createMcpHandler(sdk2Factory(toolCountOf(process.env))));
const server = createServer((request, response) => {
  // The handler's own type leaves out `| undefined` where node's has it; it is made for exactly this object.
  void handle(request as Parameters<typeof handle>[0], response);
});
server.listen(0, "127.0.0.1", () => {
  // A TCP server has an address object.
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`http://127.0.0.1:${port}/mcp\n`);
});
