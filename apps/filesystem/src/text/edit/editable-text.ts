import { decode, type Encoding, encode, encodeOrRefuse, utf16le } from "../encoding.ts";
import { endsWithReturn, type LineEnding, lastLineEnd, lineEndingOf, nextLineEnd } from "../lines.ts";
import type { Pacer } from "../pacer.ts";
import { type Change, ChangeLog } from "./change-log.ts";
import { findAnyEnds, findBytes, type Range } from "./find-exact.ts";
import { type FlexibleMatch, findFlexible, indentOf, wantedLines } from "./find-flexible.ts";
import { keyBytes, NeedleIndex } from "./needle-index.ts";
import { reindent, withLineEnds, withRegionLineEnds } from "./new-text.ts";

/** How an edit was found. */
export type MatchKind = "exact" | "flexible";

/** Where an edit's old text stands now. */
export interface Found {
  readonly kind: MatchKind;
  /** In order, none overlapping; bytes of the present text, or with `original`, of the one before all edits. */
  readonly ranges: readonly (Range | FlexibleMatch)[];
  readonly original: boolean;
}

/** Fewer edits are quicker searched for one by one. */
const indexedEdits = 8;

/** A text under edit: its bytes change only where an edit says so. */
export class EditableText {
  readonly encoding: Encoding;
  readonly log: ChangeLog;
  #style: LineEnding;
  #index: NeedleIndex | undefined;

  /**
   * @param body The file's bytes without its byte order mark; UTF-16 in little endian.
   * @param encoding Of `body`.
   */
  constructor(body: Buffer, encoding: Encoding) {
    this.encoding = encoding;
    this.log = new ChangeLog(body, keyBytes);
    this.#style = lineEndingOf(body, encoding);
  }

  /** The line endings that the text has now. */
  get lineEnding(): LineEnding {
    if (this.#style === "mixed") return lineEndingOf(this.log.current(), this.encoding);
    const hasLineEnd = this.log.pieces().some((piece) => nextLineEnd(piece, 0, this.encoding) !== -1);
    return hasLineEnd ? this.#style : "none";
  }

  /** Looks up all edits at once, when there are so many that searching for each would take long. */
  async prepare(oldTexts: readonly string[], pacer: Pacer): Promise<void> {
    if (oldTexts.length < indexedEdits || this.encoding.family === "multi-byte") return;
    const needles = await Promise.all(oldTexts.map((text) => this.#needle(text)));
    // With line ends of both kinds, text of several lines has more than one form.
    const isIndexed = (text: string | undefined): boolean => this.#style !== "mixed" || text?.includes("\n") === false;
    this.#index = await NeedleIndex.build(
      this.log.original,
      needles.map((needle, index) => (isIndexed(oldTexts[index]) ? needle : undefined)),
      pacer,
    );
  }

  /** Finds old text as it is, a line feed in it standing for either line end. */
  async findExact(edit: number, oldText: string, limit: number, pacer: Pacer): Promise<Found> {
    const { unit } = this.encoding;
    const places = this.#index?.placesOf(edit, this.log)?.filter((place) => place % unit === 0);
    const needle = places?.length === 0 ? undefined : await this.#needle(oldText);
    if (!needle) return { kind: "exact", ranges: [], original: true };
    if (places?.length === 1) {
      return { kind: "exact", ranges: places.map((start) => ({ start, end: start + needle.length })), original: true };
    }
    const text = this.log.current();
    if (this.#style !== "mixed" || !oldText.includes("\n")) {
      const ranges = await take(findBytes(text, needle, this.encoding), limit, pacer);
      return { kind: "exact", ranges, original: false };
    }
    const literal = await this.#findLines(oldText, limit, pacer);
    const ranges = literal.length > 0 ? literal : await this.#findLines(withLineEnds(oldText, "\n"), limit, pacer);
    return { kind: "exact", ranges, original: false };
  }

  /** Finds old text as whole lines, whatever white space is around each. */
  async findFlexible(oldText: string, pacer: Pacer): Promise<Found> {
    const wanted = wantedLines(oldText);
    const encoded = await Promise.all((wanted?.lines ?? []).map((line) => encode(line, this.encoding)));
    const usable = encoded.filter((bytes) => bytes !== undefined);
    if (!wanted || usable.length < encoded.length) return { kind: "flexible", ranges: [], original: false };
    const ranges = await findFlexible(this.log.current(), wanted, this.encoding, usable, pacer);
    return { kind: "flexible", ranges, original: false };
  }

  /**
   * Replaces what was found.
   *
   * @throws {FailureError} `ENCODING_ERROR`.
   */
  async replace(found: Found, oldText: string, newText: string, pacer: Pacer): Promise<void> {
    const changes: Change[] = [];
    const encoded = new Map<string, Buffer>();
    for (const range of found.ranges) {
      const text = this.#newText(found, range, oldText, newText);
      const bytes = encoded.get(text) ?? (await encodeOrRefuse(text, this.encoding));
      encoded.set(text, bytes);
      changes.push({ start: range.start, end: range.end, bytes });
      if (pacer.due) await pacer.pause();
    }
    await this.#apply(found, changes, pacer);
    this.#followStyle(oldText, newText);
  }

  async #apply({ original }: Found, changes: readonly Change[], pacer: Pacer): Promise<void> {
    const [only] = changes;
    if (original && only) {
      this.#index?.noteChange(this.log.insert(only));
      return;
    }
    await this.log.splice(changes, pacer);
    if (!this.#index) return;
    const text = this.log.current();
    const margin = keyBytes - 1;
    let shift = 0;
    for (const { start, end, bytes } of changes) {
      const at = start + shift;
      this.#index.noteChange(text.subarray(Math.max(0, at - margin), at + bytes.length + margin));
      shift += bytes.length - (end - start);
    }
  }

  #newText(found: Found, range: Range | FlexibleMatch, oldText: string, newText: string): string {
    const indented = "indent" in range ? reindent(newText, indentOf(oldText), range.indent) : newText;
    if (!indented.includes("\n") || this.#style === "none") return indented;
    if (this.#style !== "mixed") return withLineEnds(indented, this.#style === "crlf" ? "\r\n" : "\n");
    const text = found.original ? this.log.original : this.log.current();
    const region = decode(text.subarray(range.start, range.end), this.encoding);
    return withRegionLineEnds(indented, region, this.#lineEndAt(text, range));
  }

  /** The end of the line that a range ends on; of the line before it when it is the last. */
  #lineEndAt(text: Buffer, { start, end }: Range): string {
    const behind = nextLineEnd(text, end, this.encoding);
    const at = behind === -1 ? lastLineEnd(text, start, this.encoding) : behind;
    return endsWithReturn(text, at - this.encoding.unit, this.encoding) ? "\r\n" : "\n";
  }

  /** Keeps `#style` true where an edit could have added a line end of another kind. */
  #followStyle(oldText: string, newText: string): void {
    const loneReturn = /\r(?!\n)/;
    if (this.#style === "mixed") return;
    if (this.#style === "none" ? newText.includes("\n") : loneReturn.test(oldText) || loneReturn.test(newText)) {
      this.#style = "mixed";
      // What it knows about needles of several lines was true for one kind of line end only.
      this.#index = undefined;
    }
  }

  /** The bytes to look for; `undefined` when the encoding cannot hold them, so that the file cannot either. */
  async #needle(oldText: string): Promise<Buffer | undefined> {
    return encode(withLineEnds(oldText, this.#style === "crlf" ? "\r\n" : "\n"), this.encoding);
  }

  async #findLines(oldText: string, limit: number, pacer: Pacer): Promise<Range[]> {
    const pieces = await Promise.all(oldText.split("\n").map((piece) => encode(piece, this.encoding)));
    const usable = pieces.filter((piece) => piece !== undefined);
    if (usable.length < pieces.length) return [];
    return take(findAnyEnds(this.log.current(), usable, this.encoding), limit, pacer);
  }
}

/** The encoding that text is edited in: big endian UTF-16 is turned around first. */
export function editingEncoding(encoding: Encoding): Encoding {
  return encoding.family === "utf-16be" ? utf16le : encoding;
}

async function take(ranges: Iterable<Range>, limit: number, pacer: Pacer): Promise<Range[]> {
  const taken: Range[] = [];
  for (const range of ranges) {
    taken.push(range);
    if (taken.length >= limit) break;
    if (pacer.due) await pacer.pause();
  }
  return taken;
}
