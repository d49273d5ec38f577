import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { listen, type Serve } from "./listen.ts";
import { sdk2Factory } from "./sdk2-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

// Serves 2026-07-28 and, by the handler's own fallback, 2025 requests without sessions.
const handle = toNodeHandler(createMcpHandler(sdk2Factory(toolCountOf(process.env))));
const serve: Serve = (request, response) => {
  // The handler's own type leaves out `| undefined` where node's has it; it is made for exactly this object.
  void handle(request as Parameters<typeof handle>[0], response);
};

process.stderr.write(`${await listen(serve)}\n`);
