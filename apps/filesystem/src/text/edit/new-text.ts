/** Matches one line end. */
const anyLineEnd = /\r?\n/g;

/** The same text with every line end written as `lineEnd`. */
export function withLineEnds(text: string, lineEnd: "\n" | "\r\n"): string {
  return text.replace(anyLineEnd, lineEnd);
}

/**
 * Gives new text the line ends of what it replaces, where those are of both kinds.
 *
 * Lines that stay the same at the top and at the bottom keep their own ends; between them each end is taken from the
 * line at the same place, and where there are more new lines than old ones, from the last of them.
 *
 * @param region The text that is replaced.
 * @param outer The end of the line that the region sits on, for a region without line ends.
 */
export function withRegionLineEnds(newText: string, region: string, outer: string): string {
  const ends = region.match(anyLineEnd) ?? [];
  const oldLines = region.split(anyLineEnd);
  const newLines = newText.split(anyLineEnd);
  const extra = newLines.length - oldLines.length;
  const shorter = Math.min(oldLines.length, newLines.length);
  let top = 0;
  while (top < shorter && oldLines[top] === newLines[top]) top += 1;
  let bottom = 0;
  while (bottom < shorter - top && oldLines.at(-1 - bottom) === newLines.at(-1 - bottom)) bottom += 1;
  const lastOfMiddle = Math.max(0, oldLines.length - bottom - 1);
  const endAfter = (line: number): string => {
    const fromBottom = line >= newLines.length - bottom - 1 && line >= top;
    const old = fromBottom ? line - extra : Math.min(line, lastOfMiddle);
    return ends[old] ?? ends.at(-1) ?? outer;
  };
  return newLines.map((line, index) => (index === newLines.length - 1 ? line : line + endAfter(index))).join("");
}

/**
 * Indents new text by as much as the file's lines differ from those that were looked for.
 *
 * @param from White space before the first line of the text that was looked for.
 * @param to White space before the line that was found for it.
 */
export function reindent(newText: string, from: string, to: string): string {
  if (from === to) return newText;
  return newText
    .split("\n")
    .map((line) => (line.trim() === "" ? line : reindentLine(line, from, to)))
    .join("\n");
}

function reindentLine(line: string, from: string, to: string): string {
  if (line.startsWith(from)) return to + line.slice(from.length);
  // Less indented than the first line: goes along as far as it can.
  const own = /^\s*/.exec(line)?.[0] ?? "";
  if (from.startsWith(to)) return line.slice(Math.min(own.length, from.length - to.length));
  return to.startsWith(from) ? to.slice(from.length) + line : line;
}
