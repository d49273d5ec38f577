import { realpathSync, statSync } from "node:fs";
import { opendir } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, relative, resolve } from "node:path";
import { FailureError, KitError } from "@bothways/kit";
import { assertHeader, type DatabaseFile, errorCode, identify, problemOfPath } from "./database-file.ts";
import { JobError } from "./job-error.ts";
import type { DatabaseEntry, EngineConfig, NamedDatabase } from "./pool.ts";

const extensions = new Set([".db", ".sqlite", ".sqlite3", ".db3"]);
const maxDepth = 8;
/** Directory entries looked at in one listing. */
const maxVisited = 20_000;

type PathConfig = Pick<EngineConfig, "databases" | "allowDirs" | "readWrite" | "create" | "immutable">;

/** Which databases there are: those the operator named, and files below the allowed directories. */
export class Catalogue {
  readonly #mode: DatabaseEntry["mode"];
  readonly #named: ReadonlyMap<string, DatabaseFile>;
  /** Real paths. */
  readonly #allowDirs: readonly string[];
  readonly #create: boolean;

  /** @throws {KitError} `ERR_OPTION_INVALID`, naming the flag, for a path that cannot be used. */
  constructor(config: PathConfig) {
    this.#mode = config.immutable ? "immutable" : config.readWrite ? "read-write" : "read-only";
    this.#create = config.create && config.readWrite;
    this.#named = new Map(config.databases.map((one) => [one.name, this.#configured(one)]));
    this.#allowDirs = config.allowDirs.map((path) => realDirectory(path, "--allow-dir"));
  }

  /**
   * What a caller's name means; nothing is looked up on disk.
   *
   * @throws {FailureError} `DATABASE_NOT_FOUND`, `PATH_DENIED`
   */
  resolve(name: string | undefined): DatabaseFile {
    if (name === undefined) {
      const [first] = this.#named.values();
      if (first !== undefined) return first;
      throw notFound("no database is named in the call");
    }
    const named = this.#named.get(name);
    if (named !== undefined) return named;
    if (this.#allowDirs.length === 0) throw notFound(`there is no database ${JSON.stringify(name.slice(0, 128))}`);
    return this.#below(name);
  }

  /** Configured databases, then at most `limit` files below the allowed directories in the order of their names. */
  async list(limit: number): Promise<{ databases: DatabaseEntry[]; truncated: boolean }> {
    const databases = [...this.#named.values()].flatMap((file) => this.#entries(file.name, file.places[0]?.path));
    const found = new Map<string, string>();
    let left = maxVisited;
    for (const directory of this.#allowDirs) {
      for await (const path of databaseFiles(directory, () => left-- > 0)) {
        const name = relative(directory, path);
        if (!found.has(name) && !this.#named.has(name)) found.set(name, path);
      }
    }
    const sorted = [...found].toSorted(([one], [other]) => (one < other ? -1 : 1));
    for (const [name, path] of sorted.slice(0, limit)) databases.push(...this.#entries(name, path));
    return { databases, truncated: sorted.length > limit || left < 0 };
  }

  #entries(name: string, path: string | undefined): DatabaseEntry[] {
    return path === undefined ? [] : [{ name, mode: this.#mode, path }];
  }

  /** A configured file may be replaced later, but only inside the directory where it was at the start. */
  #configured({ name, path, source }: NamedDatabase): DatabaseFile {
    const problem = problemOfPath(path);
    if (problem !== undefined) throw invalid(source, `the path of database "${name}" ${problem}`);
    const absolute = resolve(path);
    const create = this.#create ? "always" : "never";
    const root = rootOf(absolute, source);
    const file: DatabaseFile = { name, places: [{ path: absolute, root }], create };
    if (!this.#isUsable(file, source) && create === "never") throw invalid(source, `there is no file ${path}`);
    return file;
  }

  /** False when there is no file; an empty one counts as missing where it may become a database. */
  #isUsable(file: DatabaseFile, source: string): boolean {
    const path = file.places[0]?.path ?? "";
    try {
      const found = identify(file);
      if (found === undefined) return false;
      if (found.size > 0n || file.create === "never") assertHeader(found);
      return true;
    } catch (error) {
      if (error instanceof JobError) throw invalid(source, `${path}: ${error.failure.sentence.replace(/\.$/, "")}`);
      if (errorCode(error) !== "") throw invalid(source, `${path} cannot be read (${errorCode(error)})`);
      throw error;
    }
  }

  #below(name: string): DatabaseFile {
    const problem = problemOfPath(name) ?? (isAbsolute(name) ? "is absolute" : undefined);
    if (problem !== undefined) throw denied(`the name ${problem}`);
    if (!extensions.has(extname(name).toLowerCase())) {
      throw denied(`the name ends with none of ${[...extensions].join(" ")}`);
    }
    const places = this.#allowDirs.map((root) => ({ path: join(root, name), root }));
    if (places.some(({ path, root }) => relative(root, path).startsWith(".."))) {
      throw denied("the name leads out of the allowed directory");
    }
    // Asking for a name must not make a file: only a job that writes may.
    return { name, places, create: this.#create ? "writes" : "never" };
  }
}

/**
 * The real path of a directory that a flag names.
 *
 * @throws {KitError} `ERR_OPTION_INVALID`
 */
export function realDirectory(path: string, flag: string): string {
  const problem = problemOfPath(path);
  if (problem !== undefined) throw invalid(flag, `the path ${problem}`);
  try {
    const real = realpathSync.native(path);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw invalid(flag, `${path} cannot be used (${errorCode(error)})`);
  }
  throw invalid(flag, `${path} is not a directory`);
}

/** The directory where the file really is, or where it would be created. */
function rootOf(path: string, source: string): string {
  try {
    return dirname(realpathSync.native(path));
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw invalid(source, `${path} cannot be used (${errorCode(error)})`);
  }
  try {
    return realpathSync.native(dirname(path));
  } catch {
    throw invalid(source, `there is no directory ${dirname(path)}`);
  }
}

/** Regular files only: a link that stays inside can still be named, but a listing does not follow links. */
async function* databaseFiles(directory: string, mayGoOn: () => boolean, depth = 0): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(directory)) {
      if (!mayGoOn()) return;
      const path = join(directory, entry.name);
      if (entry.isDirectory() && depth < maxDepth) yield* databaseFiles(path, mayGoOn, depth + 1);
      else if (entry.isFile() && extensions.has(extname(entry.name).toLowerCase())) yield path;
    }
  } catch (error) {
    // A directory that may not be read, or that vanished, holds nothing for us.
    if (errorCode(error) === "") throw error;
  }
}

function invalid(source: string, fact: string): KitError {
  return new KitError("ERR_OPTION_INVALID", `${source}: ${fact}.`);
}

function denied(fact: string): FailureError {
  return new FailureError("PATH_DENIED", `${fact}.`, "Use a name that list_databases shows.");
}

function notFound(fact: string): FailureError {
  return new FailureError("DATABASE_NOT_FOUND", `${fact}.`, "Call list_databases for the names.");
}
