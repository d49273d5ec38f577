import { FailureError } from "@bothways/kit";

/** Every code a tool of this server can answer with. */
export type FileErrorCode =
  | "ACCESS_DENIED"
  | "NOT_FOUND"
  | "EXISTS"
  | "NOT_REGULAR"
  | "NOT_DIRECTORY"
  | "NOT_EMPTY"
  | "BINARY_FILE"
  | "TOO_LARGE"
  | "ENCODING_ERROR"
  | "NO_MATCH"
  | "AMBIGUOUS_MATCH"
  | "STALE_FILE"
  | "READ_ONLY"
  | "TIMEOUT"
  | "CANCELLED"
  | "INVALID_PATTERN"
  | "INVALID_INPUT"
  | "NO_DIRECTORIES"
  | "IO_ERROR";

const maxEchoedPath = 200;

/**
 * An expected failure, to be thrown.
 *
 * @param sentence What happened, ending with a full stop; paths only as the caller gave them.
 * @param next The tool, argument or flag to use next.
 */
export function refusal(code: FileErrorCode, sentence: string, next: string): FailureError {
  return new FailureError(code, sentence, next);
}

/** A path as the caller gave it, on one line and short enough to be repeated in an answer. */
export function quoted(path: string): string {
  const shown = path.length > maxEchoedPath ? `${path.slice(0, maxEchoedPath)}…` : path;
  return JSON.stringify(shown);
}

/** The path is not inside an allowed directory, or a link on it leads out; both look the same. */
export function outside(path: string): FailureError {
  return refusal(
    "ACCESS_DENIED",
    `Access denied - path outside allowed directories: ${quoted(path)}.`,
    "Call list_allowed_directories for the directories this server may use.",
  );
}

/** The path names an entry that `--deny` hides; also when nothing exists there. */
export function denied(path: string): FailureError {
  return refusal(
    "ACCESS_DENIED",
    `Access denied - a rule of this server forbids ${quoted(path)}.`,
    "Use another path; only the operator can change the rule.",
  );
}

export function notFound(path: string): FailureError {
  return refusal("NOT_FOUND", `${quoted(path)} does not exist.`, "Call list_directory or search_files for names.");
}

export function notDirectory(path: string): FailureError {
  return refusal("NOT_DIRECTORY", `${quoted(path)} is not a directory.`, "Use the path of a directory.");
}

export function notRegular(path: string): FailureError {
  return refusal("NOT_REGULAR", `${quoted(path)} is not a regular file.`, "Use the path of a file.");
}

export function readOnly(path: string): FailureError {
  return refusal(
    "READ_ONLY",
    `${quoted(path)} is in a read-only directory.`,
    "Call list_allowed_directories for directories with access rw.",
  );
}

export function exists(path: string): FailureError {
  return refusal("EXISTS", `${quoted(path)} already exists.`, "Use another name, or delete it first.");
}

type Explain = (path: string) => FailureError;

const byErrno: Readonly<Record<string, Explain>> = {
  ENOENT: notFound,
  ENOTDIR: notDirectory,
  EISDIR: notRegular,
  ENXIO: notRegular,
  EEXIST: exists,
  ENOTEMPTY: (path) => refusal("NOT_EMPTY", `${quoted(path)} is not empty.`, "Set recursive to true to remove it."),
  EACCES: (path) =>
    refusal(
      "ACCESS_DENIED",
      `Access denied - the operating system does not permit this on ${quoted(path)}.`,
      "Use another path, or let the operator change the permissions.",
    ),
  EROFS: readOnly,
  ELOOP: (path) =>
    refusal("INVALID_INPUT", `${quoted(path)} leads through too many links.`, "Use the path of the link's target."),
  ENAMETOOLONG: (path) => refusal("INVALID_INPUT", `The path ${quoted(path)} is too long.`, "Use a shorter path."),
  EINVAL: (path) => refusal("INVALID_INPUT", `The system does not accept ${quoted(path)}.`, "Use another path."),
  ENOSPC: (path) => ioError(path, "the disk is full", "Free space, then call again."),
  EDQUOT: (path) => ioError(path, "the disk quota is used up", "Free space, then call again."),
  EFBIG: (path) => ioError(path, "the file would become too large for its volume", "Write less."),
  EMFILE: (path) => ioError(path, "too many files are open", "Call again in a moment."),
  ENFILE: (path) => ioError(path, "too many files are open", "Call again in a moment."),
  EBUSY: (path) => ioError(path, "it is in use", "Call again in a moment."),
};

/**
 * Turns a system error into an answer that holds no path but the caller's; other errors pass through.
 *
 * @param path The path as the caller gave it.
 */
export function explained(error: unknown, path: string): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  const explain = byErrno[code === "EPERM" ? "EACCES" : code];
  return explain ? explain(path) : ioError(path, `the system reported ${code}`, "Call again, or use another path.");
}

/** The code of a system error, such as `ENOENT`; `undefined` for every other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The documented code of a failure or system error, for lists of what was skipped. */
export function codeOf(error: unknown, path: string): string {
  const known = explained(error, path);
  return known instanceof FailureError ? known.failure.code : "IO_ERROR";
}

function ioError(path: string, reason: string, next: string): FailureError {
  return refusal("IO_ERROR", `${quoted(path)} could not be used: ${reason}.`, next);
}
