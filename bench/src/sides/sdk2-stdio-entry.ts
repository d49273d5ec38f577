import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { sdk2Factory } from "./sdk2-server.ts";
import { toolCountOf } from "./tool-catalogue.ts";

serveStdio(sdk2Factory(toolCountOf(process.env)));
