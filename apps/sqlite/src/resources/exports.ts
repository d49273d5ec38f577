/** Files a caller exported, so that its links can be read and no other file can. */
export class Exports {
  readonly #files = new Map<string, Set<string>>();

  /** Remembers a file for a caller; returns the uri of its resource. */
  add(principalId: string | undefined, fileName: string): string {
    const key = principalId ?? "";
    const files = this.#files.get(key) ?? new Set();
    files.add(fileName);
    this.#files.set(key, files);
    return `sqlite-export://files/${encodeURIComponent(fileName)}`;
  }

  has(principalId: string | undefined, fileName: string): boolean {
    return this.#files.get(principalId ?? "")?.has(fileName) ?? false;
  }
}
