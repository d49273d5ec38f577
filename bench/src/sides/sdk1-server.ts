import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import * as catalogue from "./tool-catalogue.ts";

/** The first generation of the SDK, used plainly. */
export function sdk1Factory(toolCount: number): () => McpServer {
  const fillers = catalogue.fillersFor(toolCount);
  return () => {
    const server = new McpServer({ name: "sdk1", version: "1.0.0" });
    server.registerTool(
      "echo",
      {
        title: "Echo",
        description: catalogue.echoDescription,
        inputSchema: catalogue.echoInput.shape,
        outputSchema: catalogue.echoOutput.shape,
        annotations: catalogue.hints,
      },
      ({ text }) => ({ content: [{ type: "text", text }], structuredContent: { text } }),
    );
    for (const { name, title, description, input } of fillers) {
      const config = { title, description, inputSchema: input.shape, annotations: catalogue.hints };
      server.registerTool(name, config, () => ({ content: [{ type: "text", text: name }] }));
    }
    return server;
  };
}
