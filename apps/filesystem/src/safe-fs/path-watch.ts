import { type FSWatcher, watch } from "node:fs";
import type { Containment, HeldDirectory } from "./containment.ts";
import type { Located } from "./located.ts";
import { refusal } from "./refusal.ts";
import { isHidden } from "./roots.ts";
import { isTemporaryName } from "./temporary-name.ts";

/** How long after the first sign of a change subscribers are told, so that one change of several steps is one event. */
const debounceMs = 100;

/** Runs `look` with what is at the path now, any last names of which may be missing. */
export type WalkToPath = (look: (located: Located) => void) => Promise<void>;

/**
 * Tells about changes of one path, also when it is replaced, deleted and made again. The parent directory is watched
 * through its descriptor, and the entry only by its name; a directory's own names count as well.
 */
export class PathWatch implements Disposable {
  readonly #containment: Containment;
  readonly #walk: WalkToPath;
  readonly #changed: () => void;
  #watchers: FSWatcher[] = [];
  /** Which directories are watched, by identity. */
  #watched = "";
  #exists = false;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  private constructor(containment: Containment, walk: WalkToPath, changed: () => void) {
    this.#containment = containment;
    this.#walk = walk;
    this.#changed = changed;
  }

  /**
   * Starts to watch.
   *
   * @param changed Called after each change, as long as the path may be used.
   * @throws {FailureError} What the walk throws, and `IO_ERROR` when the system can watch no more.
   */
  static async open(containment: Containment, walk: WalkToPath, changed: () => void): Promise<PathWatch> {
    const opened = new PathWatch(containment, walk, changed);
    await walk((located) => opened.#arm(located));
    return opened;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#close();
  }

  #arm(located: Located): void {
    this.#exists = located.entry !== undefined;
    const { parent, name, root, names } = located;
    const self = located.type === "directory" ? located.directory : undefined;
    const watched = [parent, ...(self ? [self] : [])].map(({ dev, ino }) => `${dev}:${ino}`).join(" ");
    if (watched === this.#watched || this.#isOver) return;
    this.#close();
    this.#watched = watched;
    try {
      if (name !== "") this.#follow(parent, (event) => event === name);
      const place = names.join("/");
      if (self) this.#follow(self, (event) => !isTemporaryName(event) && !isHidden(root, place, event));
    } catch {
      this.#close();
      throw refusal("IO_ERROR", "The system cannot watch any more directories.", "Unsubscribe from others first.");
    }
  }

  #follow(directory: HeldDirectory, concerns: (name: string) => boolean): void {
    const watcher = this.#containment.here(directory, (path) => {
      // What happens to the directory itself is told under the last name of the path it is watched by.
      const ownName = path.slice(path.lastIndexOf("/") + 1);
      return watch(path, { persistent: false }, (_event, name) => {
        if (name === null || name === ownName || concerns(name)) this.#schedule();
      });
    });
    watcher.on("error", () => this.#schedule());
    this.#watchers.push(watcher);
  }

  #schedule(): void {
    if (this.#isOver || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#check();
    }, debounceMs);
    this.#timer.unref();
  }

  /** A path that may not be used any more is not talked about; its directory is still watched, it may come back. */
  async #check(): Promise<void> {
    const before = this.#exists;
    try {
      await this.#walk((located) => this.#arm(located));
    } catch {
      return;
    }
    if (!this.#isOver && (before || this.#exists)) this.#changed();
  }

  #close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    this.#watched = "";
  }
}
