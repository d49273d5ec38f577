import { randomUUID } from "node:crypto";

import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { listen, type Serve } from "./listen.ts";
import { sdk2Factory } from "./sdk2-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

const create = sdk2Factory(toolCountOf(process.env));
const enableJsonResponse = process.env["BENCH_ANSWERS"] === "json";
const sessions = new Map<string, NodeStreamableHTTPServerTransport>();

const serve: Serve = (request, response) => {
  const id = request.headers["mcp-session-id"];
  const known = typeof id === "string" ? sessions.get(id) : undefined;
  if (known !== undefined) void known.handleRequest(request, response);
  else void open().then((transport) => transport.handleRequest(request, response));
};

async function open(): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    enableJsonResponse,
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await create().connect(transport);
  return transport;
}

process.stderr.write(`${await listen(serve)}\n`);
