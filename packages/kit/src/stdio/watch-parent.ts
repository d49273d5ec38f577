/** What may be left out when the parent process is watched. */
export interface WatchParentOptions {
  /**
   * Time between two looks, in milliseconds.
   *
   * @default 2000
   */
  readonly intervalMs?: number;
  /** @default reads `process.ppid` */
  readonly readParent?: () => number;
}

/**
 * Notices that the parent process has gone, also when something else keeps stdin open: the system then gives this
 * process another parent. Never keeps the process alive.
 *
 * @param ongone Called once.
 * @returns ends the watch when disposed.
 */
export function watchParent(ongone: () => void, options: WatchParentOptions = {}): Disposable {
  const readParent = options.readParent ?? (() => process.ppid);
  const parent = readParent();
  const timer = setInterval(() => {
    if (readParent() === parent) return;
    clearInterval(timer);
    ongone();
  }, options.intervalMs ?? 2000);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
