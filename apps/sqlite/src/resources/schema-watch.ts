/** How often a watched schema is looked at, in milliseconds. */
const pollMs = 1000;

interface Watched {
  readonly listeners: Set<() => void>;
  version: number | undefined;
  timer: NodeJS.Timeout | undefined;
  checking: Promise<boolean> | undefined;
}

/**
 * Notices schema changes of databases that somebody is subscribed to, whoever makes them.
 *
 * Without subscribers there are no timers.
 */
export class SchemaWatch implements Disposable {
  readonly #readVersion: (database: string) => Promise<number>;
  readonly #watched = new Map<string, Watched>();

  /** @param readVersion `PRAGMA schema_version` of a database. */
  constructor(readVersion: (database: string) => Promise<number>) {
    this.#readVersion = readVersion;
  }

  /** Calls `updated` after every change of the schema until it is disposed. */
  async watch(database: string, updated: () => void): Promise<Disposable> {
    const watched = this.#watched.get(database) ?? this.#start(database);
    const listener = (): void => updated();
    watched.listeners.add(listener);
    const end = (): void => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0 || this.#watched.get(database) !== watched) return;
      clearTimeout(watched.timer);
      this.#watched.delete(database);
    };
    try {
      await watched.checking;
    } catch (error) {
      end();
      throw error;
    }
    return { [Symbol.dispose]: end };
  }

  /** Looks at once: our own DDL has just changed the schema. */
  async changed(database: string): Promise<void> {
    const watched = this.#watched.get(database);
    if (watched === undefined) return;
    const hadVersion = watched.version !== undefined;
    // A check that is under way may have read the old version.
    await watched.checking?.catch(() => {});
    const wasTold = await this.#check(database, watched).catch(() => false);
    // Without a version from before there is nothing to compare, but we know that it changed.
    if (!hadVersion && !wasTold) tell(watched);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#watched.values()) clearTimeout(timer);
    this.#watched.clear();
  }

  #start(database: string): Watched {
    const watched: Watched = { listeners: new Set(), version: undefined, timer: undefined, checking: undefined };
    this.#watched.set(database, watched);
    watched.checking = this.#check(database, watched);
    // The subscriber that started it hears of a failure; the poll goes on for as long as it stays.
    void watched.checking.catch(() => {}).finally(() => this.#schedule(database, watched));
    return watched;
  }

  #schedule(database: string, watched: Watched): void {
    if (this.#watched.get(database) !== watched) return;
    watched.timer = setTimeout(() => {
      watched.checking = this.#check(database, watched);
      // A database that cannot be read now (busy, replaced) may be readable a second later.
      void watched.checking.catch(() => {}).finally(() => this.#schedule(database, watched));
    }, pollMs);
    watched.timer.unref();
  }

  /** Resolves with whether the listeners were told. */
  async #check(database: string, watched: Watched): Promise<boolean> {
    const version = await this.#readVersion(database);
    const known = watched.version;
    watched.version = version;
    if (known === undefined || known === version) return false;
    tell(watched);
    return true;
  }
}

function tell({ listeners }: Watched): void {
  for (const listener of listeners) listener();
}
