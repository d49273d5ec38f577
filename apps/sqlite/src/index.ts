import type { ServerDefinition } from "@bothways/kit";
import type { options } from "./options.ts";
import { server as definition } from "./server.ts";
import type { Sqlite } from "./sqlite.ts";

/** The SQLite server, to be run by `run` or served inside another program by `serve`. */
export const server: ServerDefinition<typeof options, Sqlite> = definition;

export type { SqliteOptions } from "./options.ts";
