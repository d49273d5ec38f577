import { createRequire } from "node:module";

/** As much of better-sqlite3 as the sides use: its types are a dependency of the app alone. */
export interface Driver {
  exec(sql: string): void;
  prepare(sql: string): {
    get(...values: readonly unknown[]): unknown;
    run(...values: readonly unknown[]): unknown;
  };
  transaction(work: () => void): () => void;
  close(): void;
}

const require = createRequire(import.meta.url);
const Database: new (path: string, options?: { readonly: boolean }) => Driver = require("better-sqlite3");

/** A plain connection of this process. */
export function openDriver(path: string, options?: { readonly: boolean }): Driver {
  return new Database(path, options);
}
