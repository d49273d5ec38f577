import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { JobError } from "./job-error.ts";

/** One place where a database may lie. */
export interface DatabasePlace {
  /** Absolute, as configured or built from a name; may be a link. */
  readonly path: string;
  /** Real path of the directory that the file must not leave. */
  readonly root: string;
}

/** A database by the name its callers use; the first place that exists is meant. */
export interface DatabaseFile {
  readonly name: string;
  readonly places: readonly DatabasePlace[];
  /** What to do about a missing or empty file: make one for any job, for writing jobs only, or fail. */
  readonly create: "always" | "writes" | "never";
}

/** Where a database lies now, and which file that is. */
export interface FileIdentity {
  readonly realPath: string;
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
}

/** A place without a file, inside its root, where one may be created. */
export interface VacantPlace {
  readonly realPath: string;
}

const header = Buffer.from("SQLite format 3\0", "latin1");

/**
 * Refuses names that SQLite or its driver would read differently from us.
 *
 * @throws {JobError} `PATH_DENIED`
 */
export function assertPlainPath(text: string): void {
  const problem = problemOfPath(text);
  if (problem !== undefined) throw new JobError("PATH_DENIED", `the path ${problem}.`, "Give a plain file path.");
}

/** Why a path must not be used, as the end of a sentence that starts "The path". */
export function problemOfPath(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.includes("\0")) return "contains a NUL character";
  if (text.trim() !== text) return "starts or ends with white space";
  if (/^file:/i.test(text)) return "is a file: URI";
  if (text === ":memory:") return "names an in-memory database";
  return undefined;
}

/**
 * Finds out what a database's name means now.
 *
 * @throws {JobError} `PATH_DENIED` outside its root, `NOT_A_DATABASE` for directories and devices,
 * `DATABASE_NOT_FOUND` when nothing is there and the file may not be created.
 */
export function locate(file: DatabaseFile, mayCreate: boolean): FileIdentity | VacantPlace {
  const found = identify(file);
  if (found !== undefined) return found;
  const [place] = file.places;
  if (!mayCreate || place === undefined) {
    throw new JobError(
      "DATABASE_NOT_FOUND",
      `the file of database "${file.name}" does not exist.`,
      "Call list_databases for the databases there are.",
    );
  }
  return vacancy(place);
}

/** The file that a database's name means now; undefined when there is none. */
export function identify({ places }: DatabaseFile): FileIdentity | undefined {
  for (const place of places) {
    const found = identityOf(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The file at a place; undefined when there is none. */
function identityOf({ path, root }: DatabasePlace): FileIdentity | undefined {
  assertPlainPath(path);
  const realPath = realPathOf(path);
  if (realPath === undefined) return undefined;
  assertInside(realPath, root);
  const found = statSync(realPath, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw notADatabase("it is not a regular file.");
  return { realPath, device: found.dev, inode: found.ino, size: found.size };
}

/** True when both describe the same file at the same place. */
export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  return one.inode === other.inode && one.device === other.device && one.realPath === other.realPath;
}

/**
 * Reads the first bytes of a file and compares them with SQLite's header.
 *
 * Never call it for a file that this process has open through SQLite: closing any descriptor of a file drops all POSIX
 * locks that the process holds on it.
 *
 * @throws {JobError} `NOT_A_DATABASE`
 */
export function assertHeader(file: FileIdentity): void {
  // A FIFO that was swapped in would block without O_NONBLOCK.
  const descriptor = openSync(file.realPath, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const opened = fstatSync(descriptor, { bigint: true });
    if (!opened.isFile() || opened.ino !== file.inode) throw notADatabase("the file was replaced while it was opened.");
    const start = Buffer.alloc(header.length);
    if (readSync(descriptor, start, 0, header.length, 0) < header.length || !start.equals(header)) {
      throw notADatabase(file.size === 0n ? "the file is empty." : "the file has no SQLite header.");
    }
  } finally {
    closeSync(descriptor);
  }
}

/** @throws {JobError} `PATH_DENIED` when the real path lies outside the root. */
export function assertInside(realPath: string, root: string): void {
  if (realPath.startsWith(root.endsWith(sep) ? root : root + sep)) return;
  throw new JobError(
    "PATH_DENIED",
    "the name leads out of the allowed directory.",
    "Use a database that list_databases shows.",
  );
}

/** A link that points nowhere counts as outside: opening it would create its target. */
function vacancy({ path, root }: DatabasePlace): VacantPlace {
  const parent = realPathOf(dirname(path));
  if (parent === undefined) {
    throw new JobError("DATABASE_NOT_FOUND", "the directory of the database does not exist.", "Create it first.");
  }
  const realPath = join(parent, basename(path));
  assertInside(realPath, root);
  if (isLink(realPath)) {
    throw new JobError("PATH_DENIED", "the name is a link to a missing file.", "Remove the link or create its target.");
  }
  return { realPath };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fileFailure(error);
  }
}

function notADatabase(reason: string): JobError {
  return new JobError("NOT_A_DATABASE", reason, "Use a SQLite database file; list_databases shows them.");
}

/** The `code` of a Node file error, or "" for anything else. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** A file error without the path that Node puts into its message. */
export function fileFailure(error: unknown): unknown {
  const code = errorCode(error);
  if (code === "EACCES" || code === "EPERM") {
    return new JobError("PATH_DENIED", "the server may not read that path.", "Ask the operator for access.");
  }
  if (code === "ELOOP" || code === "ENAMETOOLONG") {
    return new JobError("PATH_DENIED", `the path cannot be resolved (${code}).`, "Use a plain file path.");
  }
  if (/^E[A-Z0-9]+$/.test(code)) {
    return new JobError("SQLITE_IOERR", `a file operation failed (${code}).`, "Ask the operator to check the disk.");
  }
  return error;
}
