import type { ServerDefinition } from "@bothways/kit";
import { server as definition } from "./server.ts";

export { createDemoDatabase } from "./demo/demo-database.ts";

/** The SQLite server, to be run by `run` or served inside another program by `serve`. */
export const server: ServerDefinition = definition;
