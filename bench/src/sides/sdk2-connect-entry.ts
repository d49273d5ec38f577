import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { sdk2Factory } from "./sdk2-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

// The shorter way to start one: 2025 clients only, without the choice of an era that `serveStdio` makes.
await sdk2Factory(toolCountOf(process.env))().connect(new StdioServerTransport());
