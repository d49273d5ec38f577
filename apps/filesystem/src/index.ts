import type { ServerDefinition } from "@bothways/kit";
import type { options } from "./options.ts";
import type { FileSystem } from "./safe-fs/file-system.ts";
import { server as definition } from "./server.ts";

/** The file system server, to be run by `run` or served inside another program by `serve`. */
export const server: ServerDefinition<typeof options, FileSystem> = definition;

export type { FileSystemOptions } from "./options.ts";
