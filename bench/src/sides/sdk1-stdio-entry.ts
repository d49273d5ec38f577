import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { sdk1Factory } from "./sdk1-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

await sdk1Factory(toolCountOf(process.env))().connect(new StdioServerTransport());
