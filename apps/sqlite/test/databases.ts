import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

/** A directory of its own with a database in it; disposing it removes both. */
export interface TestDatabase extends Disposable {
  readonly directory: string;
  /** Path of `shop.db`. */
  readonly path: string;
  /** Bytes of every file and all names in the directory, as one hash. */
  fingerprint(): string;
  /** Rows of a statement, read on a connection of the test's own. */
  rows(sql: string): unknown[];
  /** Runs statements on a connection of the test's own. */
  exec(sql: string): void;
}

export const shopSql = `
  CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id), total INTEGER);
  INSERT INTO customers VALUES (1, 'Ada', 'north'), (2, 'Bob', 'south'), (3, 'Cid', NULL);
  INSERT INTO orders VALUES (1, 1, 500), (2, 1, 700), (3, 2, 900);
`;

/** Creates a database file with the given statements. */
export function createDatabase(sql: string = shopSql): TestDatabase {
  const directory = mkdtempSync(join(tmpdir(), "bothways-sqlite-"));
  const path = join(directory, "shop.db");
  const exec = (statements: string): void => {
    const db = new Database(path);
    db.exec(statements);
    db.close();
  };
  exec(sql);
  return {
    directory,
    path,
    exec,
    rows(statement) {
      const db = new Database(path, { readonly: true });
      try {
        return db.prepare(statement).raw().all();
      } finally {
        db.close();
      }
    },
    fingerprint() {
      const hash = createHash("sha256");
      for (const name of readdirSync(directory, { recursive: true }).map(String).toSorted()) {
        const file = join(directory, name);
        hash.update(name).update(statSync(file).isDirectory() ? "" : readFileSync(file));
      }
      return hash.digest("hex");
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
