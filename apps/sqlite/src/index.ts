import type { ServerDefinition } from "@bothways/kit";
import { server as definition } from "./server.ts";

/** The SQLite server, to be run by `run` or served inside another program by `serve`. */
export const server: ServerDefinition = definition;
