/** For a reader of standard error that is slow, or gone without having said so. */
const patienceMs = 500;

let isLeaving = false;

/**
 * Ends the process as soon as what it said on standard error has left it; asked a second time, at once.
 *
 * A pipe takes some hundred lines before somebody reads them; `process.exit` throws away the rest.
 */
export function exitAfterLogs(code: number): void {
  if (isLeaving || process.stderr.writableLength === 0) process.exit(code);
  isLeaving = true;
  setTimeout(() => process.exit(code), patienceMs);
  process.stderr.write("", () => process.exit(code));
}
