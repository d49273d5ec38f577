import { McpServer } from "@modelcontextprotocol/server";
import * as catalogue from "./tool-catalogue.ts";

/** The SDK used plainly, as its own documentation shows it. */
export function sdk2Factory(toolCount: number): () => McpServer {
  const fillers = catalogue.fillersFor(toolCount);
  return () => {
    const server = new McpServer({ name: "sdk2", version: "1.0.0" });
    server.registerTool(
      "echo",
      {
        title: "Echo",
        description: catalogue.echoDescription,
        inputSchema: catalogue.echoInput,
        annotations: catalogue.hints,
      },
      ({ text }) => ({ content: [{ type: "text", text }], structuredContent: { text } }),
    );
    if (toolCount > 1) registerCount(server);
    for (const { name, title, description, input } of fillers) {
      const config = { title, description, inputSchema: input, annotations: catalogue.hints };
      server.registerTool(name, config, () => ({ content: [{ type: "text", text: name }] }));
    }
    return server;
  };
}

function registerCount(server: McpServer): void {
  server.registerTool(
    "count",
    {
      title: "Count",
      description: catalogue.countDescription,
      inputSchema: catalogue.countInput,
      outputSchema: catalogue.countOutput,
      annotations: catalogue.hints,
    },
    ({ text }) => ({
      content: [{ type: "text", text: String(text.length) }],
      structuredContent: { length: text.length },
    }),
  );
}
