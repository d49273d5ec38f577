import { join } from "node:path";
import type { ServerDefinition } from "@bothways/kit";
import { server as filesystem } from "@bothways/server-filesystem";
import { createDemoDatabase, server as sqlite } from "@bothways/server-sqlite";

/** A server as its page documents it. */
export interface DocumentedServer {
  /** Folder below `apps/`. */
  readonly name: string;
  readonly definition: ServerDefinition;
  /**
   * Configurations from the plainest on; a tool is shown with the flag of the first one that lists it.
   *
   * @param folder An empty folder for what a configuration needs.
   */
  readonly variants: (folder: string) => Promise<readonly Variant[]>;
}

/** One way to start a server. */
export interface Variant {
  /** What to add to a plain start, empty for the plain start itself. */
  readonly flag: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Every server of the repository, in the order of its port. */
export const servers: readonly DocumentedServer[] = [
  {
    name: "filesystem",
    definition: filesystem,
    variants: async (folder) => [{ flag: "", options: { directories: [folder] } }],
  },
  { name: "sqlite", definition: sqlite, variants: sqliteVariants },
];

async function sqliteVariants(folder: string): Promise<readonly Variant[]> {
  const dbPath = join(folder, "shop.db");
  await createDemoDatabase(dbPath);
  return [
    { flag: "", options: { dbPath } },
    { flag: "--read-write", options: { dbPath, readWrite: true } },
    { flag: "--export-dir", options: { dbPath, exportDir: folder } },
    { flag: "--backup-dir", options: { dbPath, backupDir: folder } },
  ];
}
