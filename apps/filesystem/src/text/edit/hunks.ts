import type { DiffLine } from "./line-diff.ts";

/** Unchanged lines shown around a change. */
export const contextLines = 3;

const maxDiffBytes = 64 * 1024;

interface OpenHunk {
  /** Numbers of its first lines, from 0. */
  readonly oldLine: number;
  readonly newLine: number;
  readonly lines: DiffLine[];
  /** Unchanged lines at its end. */
  trailing: number;
  /** Characters of all its lines; above the cap only its last lines are kept. */
  size: number;
}

/** Takes the lines of a diff from top to bottom and writes them as hunks, as many as fit; counts all. */
export class HunkWriter {
  readonly #parts: string[] = [];
  #bytes = 0;
  #hunks = 0;
  #oldLine = 0;
  #newLine = 0;
  #lead: DiffLine[] = [];
  #open: OpenHunk | undefined;
  linesAdded = 0;
  linesRemoved = 0;

  line(line: DiffLine): void {
    if (line.mark === " ") this.#unchanged(line);
    else this.#changed(line);
    if (line.mark !== "+") this.#oldLine += 1;
    if (line.mark !== "-") this.#newLine += 1;
  }

  /** Passes unchanged lines that are nowhere near a change. */
  skip(lines: number): void {
    this.#close();
    this.#lead = [];
    this.#oldLine += lines;
    this.#newLine += lines;
  }

  /** The hunks, or as many as fit and a summary of all. */
  finish(): string {
    this.#close();
    const hunks = this.#parts.join("");
    if (this.#parts.length === this.#hunks) return hunks;
    const total = `${this.#hunks} hunks, +${this.linesAdded} \u2212${this.linesRemoved}`;
    return `${hunks}${total}: too much to show; ${this.#parts.length} of them stand above.\n`;
  }

  #unchanged(line: DiffLine): void {
    if (!this.#open) {
      this.#lead.push(line);
      if (this.#lead.length > contextLines) this.#lead.shift();
      return;
    }
    grow(this.#open, line);
    this.#open.trailing += 1;
    if (this.#open.trailing <= 2 * contextLines) return;
    this.#lead = this.#open.lines.slice(-contextLines);
    this.#close();
  }

  #changed(line: DiffLine): void {
    this.#open ??= {
      oldLine: this.#oldLine - this.#lead.length,
      newLine: this.#newLine - this.#lead.length,
      lines: [...this.#lead],
      trailing: 0,
      size: 0,
    };
    grow(this.#open, line);
    this.#open.trailing = 0;
    if (line.mark === "+") this.linesAdded += 1;
    else this.linesRemoved += 1;
  }

  #close(): void {
    if (!this.#open) return;
    const { oldLine, newLine, lines, trailing, size } = this.#open;
    const shown = lines.slice(0, lines.length - Math.max(0, trailing - contextLines));
    this.#open = undefined;
    this.#hunks += 1;
    this.#bytes += size;
    // Once one did not fit, none behind it is shown either.
    if (this.#bytes > maxDiffBytes) return;
    const header = `@@ -${span(oldLine, shown, "+")} +${span(newLine, shown, "-")} @@\n`;
    const text = header + shown.map(({ mark, text: content }) => `${mark}${content}\n`).join("");
    this.#bytes += Buffer.byteLength(text) - size;
    if (this.#bytes <= maxDiffBytes) this.#parts.push(text);
  }
}

function grow(hunk: OpenHunk, line: DiffLine): void {
  hunk.lines.push(line);
  hunk.size += line.text.length;
  if (hunk.size > maxDiffBytes && hunk.lines.length > 100) hunk.lines.splice(0, hunk.lines.length - contextLines);
}

/** First line and number of lines of one side; a side without lines is placed behind the line before it. */
function span(firstLine: number, lines: readonly DiffLine[], other: DiffLine["mark"]): string {
  const length = lines.reduce((sum, { mark }) => sum + (mark === other ? 0 : 1), 0);
  return `${length === 0 ? firstLine : firstLine + 1},${length}`;
}
