import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { expect, it } from "vitest";
import { StdioTransport } from "../src/stdio/stdio-transport.ts";
import { call, initialize, initialized } from "./fixtures/stdio-session.ts";

it("carries a server written on the v1 SDK, to the last answer", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const mcp = new McpServer({ name: "v1", version: "1" });
  mcp.registerTool("ask", {}, async () => ({ content: [{ type: "text", text: "hi" }] }));
  const transport = new StdioTransport({ input, output, shutdownTimeoutMs: 1000 });
  await mcp.connect(transport);

  input.end([initialize, initialized, call(1, "ask")].map((message) => JSON.stringify(message)).join("\n"));
  await transport.closed;
  output.end();

  const lines = (await text(output)).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(["init", 1]);
});
