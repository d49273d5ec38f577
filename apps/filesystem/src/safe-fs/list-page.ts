import type { NamedEntry } from "./directory.ts";
import type { EntryType } from "./located.ts";

/** How lists mark what an entry is. */
export const typeMarks: Readonly<Record<EntryType, string>> = {
  directory: "[DIR]",
  file: "[FILE]",
  symlink: "[LINK]",
  other: "[OTHER]",
};

/** An entry as a line of a list. */
export function entryLine({ name, type }: NamedEntry): string {
  return `${typeMarks[type]} ${name}`;
}

/** Which part of an ordered list is wanted, and how its items become lines. */
export interface PageRequest<Item> {
  /** True for items of earlier pages; an order by the items' own keys, so that changes meanwhile move no other item. */
  readonly isPast: (item: Item) => boolean;
  readonly limit: number;
  /** Most bytes of text. */
  readonly maxBytes: number;
  readonly lineOf: (item: Item) => string;
  /** Makes the cursor for what follows an item. */
  readonly cursorAfter: (item: Item) => string;
}

/** Part of a list, its lines, and how to go on. */
export interface ListPage<Item> {
  readonly items: Item[];
  readonly lines: string[];
  readonly truncated: boolean;
  readonly nextCursor?: string;
}

/** Takes one page of an ordered list; at least one item, however long its line. */
export function pageOf<Item>(ordered: Iterable<Item>, request: PageRequest<Item>): ListPage<Item> {
  const items: Item[] = [];
  const lines: string[] = [];
  let bytes = 0;
  for (const item of ordered) {
    if (request.isPast(item)) continue;
    const line = request.lineOf(item);
    bytes += Buffer.byteLength(line) + 1;
    const last = items.at(-1);
    if (last !== undefined && (items.length >= request.limit || bytes > request.maxBytes)) {
      return { items, lines, truncated: true, nextCursor: request.cursorAfter(last) };
    }
    items.push(item);
    lines.push(line);
  }
  return { items, lines, truncated: false };
}
