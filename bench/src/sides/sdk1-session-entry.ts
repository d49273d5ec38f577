import { randomUUID } from "node:crypto";

import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { listen, type Serve } from "./listen.ts";
import { sdk1Factory } from "./sdk1-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

const create = sdk1Factory(toolCountOf(process.env));
const enableJsonResponse = process.env["BENCH_ANSWERS"] === "json";
const sessions = new Map<string, StreamableHTTPServerTransport>();

const serve: Serve = (request, response) => {
  const id = request.headers["mcp-session-id"];
  const known = typeof id === "string" ? sessions.get(id) : undefined;
  if (known !== undefined) void known.handleRequest(request, response);
  else void open().then((transport) => transport.handleRequest(request, response));
};

async function open(): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    enableJsonResponse,
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await create().connect(transport);
  return transport;
}

process.stderr.write(`${await listen(serve)}\n`);
