import type { Failure } from "@bothways/kit";
import type { DatabaseFile } from "./database-file.ts";

/** How a recovery stands: to be asked for, or on its way through the writer. */
type State = "needed" | "under way";

/**
 * Databases that a killed writer may have left with a hot journal, or that have yet to be created. Readers cannot
 * repair or create a file, so their calls wait until the writer has opened it once.
 */
export class Recoveries {
  readonly #states = new Map<string, State>();
  readonly #failures = new Map<string, Failure>();
  readonly #start: (file: DatabaseFile) => void;

  /** @param start Sends a recovery through the writer; `finish` must follow. */
  constructor(start: (file: DatabaseFile) => void) {
    this.#start = start;
  }

  /** True while calls on this database have to wait. */
  blocks(file: DatabaseFile): boolean {
    return this.#states.has(file.name);
  }

  /** Asks for a recovery; one at a time for each database. */
  begin(file: DatabaseFile): void {
    if (this.#states.get(file.name) === "under way") return;
    this.#states.set(file.name, "under way");
    this.#start(file);
  }

  /** Starts a recovery that failed before again, because a call needs it. */
  resume(file: DatabaseFile): void {
    if (this.#states.get(file.name) === "needed") this.begin(file);
  }

  /** Why the writer could not open a database; undefined when it could. */
  failureOf(file: DatabaseFile): Failure | undefined {
    return this.#failures.get(file.name);
  }

  /**
   * Ends a recovery that `begin` started.
   *
   * @param failure Undefined when it succeeded.
   * @param isWorthAnother True to let calls wait for another attempt; otherwise they run and meet their own failure.
   */
  finish(file: DatabaseFile, failure: Failure | undefined, isWorthAnother: boolean): void {
    if (failure === undefined) this.#failures.delete(file.name);
    else this.#failures.set(file.name, failure);
    if (isWorthAnother) this.#states.set(file.name, "needed");
    else this.#states.delete(file.name);
  }
}
