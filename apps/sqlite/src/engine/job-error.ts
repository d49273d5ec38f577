/**
 * An expected failure inside an engine process; the main process turns it into the kit's `FailureError`.
 *
 * Engine processes load no workspace package, so every module that they reach (`engine/`, `sql/params.ts`,
 * `sql/result.ts`, `sql/csv.ts`) throws this instead.
 */
export class JobError extends Error {
  override readonly name = "JobError";
  readonly failure: JobFailure;

  /**
   * @param code One of the documented codes, or SQLite's extended code.
   * @param sentence What happened; never an absolute path.
   * @param next The tool, argument or flag to use next.
   */
  constructor(code: string, sentence: string, next: string, details: Readonly<Record<string, unknown>> = {}) {
    super(`${code}: ${sentence}`);
    this.failure = { code, sentence, next, details };
  }
}

/** What a failed job reports over the process boundary. */
export interface JobFailure {
  readonly code: string;
  readonly sentence: string;
  readonly next: string;
  readonly details: Readonly<Record<string, unknown>>;
}
