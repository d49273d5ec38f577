/** CSV (RFC 4180) both ways. Runs inside the engine process too, so it imports nothing. */

/** One record of a CSV file. */
export interface CsvRecord {
  /** Line where the record starts, counted from 1. */
  readonly line: number;
  /** An empty field is null, an empty field in quotes is the empty text. */
  readonly fields: readonly (string | null)[];
  /** Why the record cannot be trusted. */
  readonly problem?: string;
}

const quote = '"';

/** Longest record kept, in UTF-16 units, so that one stray quote cannot make a whole file one record. */
const maxRecord = 4 * 1024 * 1024;

/**
 * Reads CSV piece by piece: give it text with `push`, take records; `end` gives the last one.
 *
 * LF, CRLF and CR end a line; a byte order mark at the start and empty lines are skipped.
 */
export class CsvReader {
  readonly #delimiter: string;
  #line = 1;
  #recordLine = 1;
  #fields: (string | null)[] = [];
  #field = "";
  #size = 0;
  #problem: string | undefined;
  #state: "start" | "plain" | "quoted" | "closed" = "start";
  #atStart = true;
  #afterCr = false;

  /** @param delimiter One character. @default "," */
  constructor(delimiter = ",") {
    this.#delimiter = delimiter;
  }

  /** Takes the next piece of text; yields the records it completes. */
  *push(text: string): Generator<CsvRecord> {
    let from = 0;
    if (this.#atStart && text.length > 0) {
      this.#atStart = false;
      if (text.charCodeAt(0) === 0xfeff) from = 1;
    }
    for (let index = from; index < text.length; ) {
      const plainEnd = this.#skipPlain(text, index);
      if (plainEnd > index) {
        this.#append(text.slice(index, plainEnd));
        index = plainEnd;
        continue;
      }
      const record = this.#character(text.charAt(index));
      if (record !== undefined) yield record;
      index += 1;
    }
  }

  /** Ends the input; the record that no line end closed, if any. */
  end(): CsvRecord | undefined {
    if (this.#state === "quoted") this.#problem ??= "a quoted field is never closed";
    return this.#finishRecord();
  }

  /** The end of the run of characters that mean nothing special in the current state. */
  #skipPlain(text: string, from: number): number {
    if (this.#state === "quoted") {
      let end = from;
      for (; end < text.length; end += 1) {
        const code = text.charCodeAt(end);
        if (code === 34 || code === 10 || code === 13) break;
      }
      if (end > from) this.#afterCr = false;
      return end;
    }
    if (this.#state !== "plain") return from;
    const delimiter = this.#delimiter.charCodeAt(0);
    let end = from;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === delimiter || code === 10 || code === 13) break;
    }
    return end;
  }

  #append(text: string): void {
    this.#size += text.length;
    if (this.#size > maxRecord) {
      this.#problem = "the record is too long";
      this.#field = "";
      return;
    }
    this.#field += text;
  }

  #character(character: string): CsvRecord | undefined {
    const afterCr = this.#afterCr;
    this.#afterCr = character === "\r";
    if (character === "\n" && afterCr) {
      // Second half of CRLF: the line is counted already.
      if (this.#state === "quoted") this.#append(character);
      else this.#recordLine = this.#line;
      return undefined;
    }
    if (character === "\n" || character === "\r") this.#line += 1;
    if (this.#state === "quoted") {
      if (character === quote) this.#state = "closed";
      else this.#append(character);
      return undefined;
    }
    return this.#outsideQuotes(character);
  }

  #outsideQuotes(character: string): CsvRecord | undefined {
    if (character === "\n" || character === "\r") return this.#finishRecord();
    if (character === this.#delimiter) {
      this.#finishField();
      return undefined;
    }
    if (character === quote && this.#state === "start") this.#state = "quoted";
    else if (character === quote && this.#state === "closed") {
      this.#append(quote);
      this.#state = "quoted";
    } else {
      if (this.#state === "closed") this.#problem ??= "text follows a closing quote";
      else this.#state = "plain";
      this.#append(character);
    }
    return undefined;
  }

  #finishField(): void {
    this.#fields.push(this.#state === "start" ? null : this.#field);
    this.#field = "";
    this.#state = "start";
  }

  #finishRecord(): CsvRecord | undefined {
    const blank = this.#state === "start" && this.#fields.length === 0;
    this.#finishField();
    const record: CsvRecord = {
      line: this.#recordLine,
      fields: this.#fields,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
    this.#fields = [];
    this.#problem = undefined;
    this.#size = 0;
    this.#recordLine = this.#line;
    return blank ? undefined : record;
  }
}

/** Characters that make a spreadsheet read a cell as a formula. */
const formulaStart = /^[=+\-@\t\r]/;

/**
 * One CSV field of a text.
 *
 * @param guard True puts `'` before a text that a spreadsheet would run as a formula.
 */
export function csvField(text: string, guard: boolean): string {
  const safe = guard && formulaStart.test(text) ? `'${text}` : text;
  // Quoted when empty, because an empty field without quotes means NULL.
  return safe === "" || /[",\n\r]/.test(safe) ? `"${safe.replaceAll(quote, '""')}"` : safe;
}
