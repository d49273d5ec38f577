import type { EntryType } from "./located.ts";

/** Writes a tree as text while it is walked, so that no second copy of it is needed; complete whenever it stops. */
export interface TreeText {
  /**
   * Adds an entry at a level, 0 for the first.
   *
   * @returns False when it does not fit any more; then nothing was added.
   */
  add(name: string, type: EntryType, level: number): boolean;
  /** Marks the directory added last as entered: what follows one level deeper is in it. */
  open(): void;
  /** Ends what is open and returns the text. */
  finish(): string;
}

export function createTreeText(format: "json" | "compact", maxBytes: number): TreeText {
  return format === "json" ? new JsonTree(maxBytes) : new CompactTree(maxBytes);
}

/** Text as `JSON.stringify(tree, null, 2)` gives it, without the tree. */
class JsonTree implements TreeText {
  readonly #parts: string[] = [];
  #room: number;
  /** For each open list, whether it has an entry. */
  readonly #lists: boolean[] = [false];
  /** Whether the entry added last still has to be ended. */
  #pending = false;

  constructor(maxBytes: number) {
    this.#room = maxBytes - "[]".length;
  }

  add(name: string, type: EntryType, level: number): boolean {
    this.#closeTo(level);
    const indent = "  ".repeat(2 * level + 1);
    const fields = `{\n${indent}  "name": ${JSON.stringify(name)},\n${indent}  "type": "${type}"`;
    const text = `${this.#lists[level] ? "," : ""}\n${indent}${fields}`;
    // The end of the entry, and a list in it that may be opened, are paid for in advance.
    const end = 2 * indent.length + `\n}\n,"children": []`.length + 2;
    const cost = Buffer.byteLength(text) + end + (this.#lists[level] ? 0 : indent.length);
    if (cost > this.#room) return false;
    this.#room -= cost;
    this.#parts.push(text);
    this.#lists[level] = true;
    this.#pending = true;
    return true;
  }

  open(): void {
    const indent = "  ".repeat(2 * this.#lists.length);
    this.#parts.push(`,\n${indent}"children": [`);
    this.#lists.push(false);
    this.#pending = false;
  }

  finish(): string {
    this.#closeTo(0);
    return `[${this.#parts.join("")}${this.#lists[0] ? "\n" : ""}]`;
  }

  #closeTo(level: number): void {
    this.#endEntry();
    while (this.#lists.length - 1 > level) {
      const filled = this.#lists.pop();
      this.#parts.push(filled ? `\n${"  ".repeat(2 * this.#lists.length)}]` : "]");
      this.#pending = true;
      this.#endEntry();
    }
  }

  #endEntry(): void {
    if (this.#pending) this.#parts.push(`\n${"  ".repeat(2 * this.#lists.length - 1)}}`);
    this.#pending = false;
  }
}

const suffixes: Readonly<Record<EntryType, string>> = { directory: "/", symlink: "@", file: "", other: "=" };

/** One name a line, two spaces a level; marked as `ls -F` does. */
class CompactTree implements TreeText {
  #text = "";
  #room: number;
  readonly #indents: string[] = [];

  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  add(name: string, type: EntryType, level: number): boolean {
    const suffix = suffixes[type];
    // Of the name alone: a text that was just put together would have to be copied to be measured.
    const cost = 2 * level + Buffer.byteLength(name) + suffix.length + 1;
    if (cost > this.#room) return false;
    this.#room -= cost;
    this.#indents[level] ??= "  ".repeat(level);
    this.#text += `${this.#text === "" ? "" : "\n"}${this.#indents[level]}${name}${suffix}`;
    return true;
  }

  open(): void {}

  finish(): string {
    return this.#text;
  }
}
