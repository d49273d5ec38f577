/** A line of a diff: kept, removed or added. */
export interface DiffLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Up to this many pairs of lines are compared; larger replacements are shown as removed and added whole. */
const maxPairs = 250_000;

/** The shortest way from old lines to new ones, removals before additions. */
export function diffLines(oldLines: readonly string[], newLines: readonly string[]): DiffLine[] {
  const shorter = Math.min(oldLines.length, newLines.length);
  let top = 0;
  while (top < shorter && oldLines[top] === newLines[top]) top += 1;
  let bottom = 0;
  while (bottom < shorter - top && oldLines.at(-1 - bottom) === newLines.at(-1 - bottom)) bottom += 1;
  const oldMiddle = oldLines.slice(top, oldLines.length - bottom);
  const newMiddle = newLines.slice(top, newLines.length - bottom);
  return [
    ...marked(" ", oldLines.slice(0, top)),
    ...(oldMiddle.length * newMiddle.length > maxPairs
      ? [...marked("-", oldMiddle), ...marked("+", newMiddle)]
      : viaCommonLines(oldMiddle, newMiddle)),
    ...marked(" ", oldLines.slice(oldLines.length - bottom)),
  ];
}

function marked(mark: DiffLine["mark"], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ mark, text }));
}

/** By the longest common subsequence. */
function viaCommonLines(oldLines: readonly string[], newLines: readonly string[]): DiffLine[] {
  const width = newLines.length + 1;
  // Length of the longest common subsequence of everything from each pair of lines on.
  const common = new Uint32Array((oldLines.length + 1) * width);
  const at = (old: number, fresh: number): number => common[old * width + fresh] ?? 0;
  for (let old = oldLines.length - 1; old >= 0; old -= 1) {
    for (let fresh = newLines.length - 1; fresh >= 0; fresh -= 1) {
      const equal = oldLines[old] === newLines[fresh];
      common[old * width + fresh] = equal
        ? at(old + 1, fresh + 1) + 1
        : Math.max(at(old + 1, fresh), at(old, fresh + 1));
    }
  }
  const lines: DiffLine[] = [];
  let old = 0;
  let fresh = 0;
  while (old < oldLines.length || fresh < newLines.length) {
    const [oldLine, newLine] = [oldLines[old], newLines[fresh]];
    if (oldLine !== undefined && oldLine === newLine) {
      lines.push({ mark: " ", text: oldLine });
      old += 1;
      fresh += 1;
    } else if (oldLine !== undefined && (newLine === undefined || at(old + 1, fresh) >= at(old, fresh + 1))) {
      lines.push({ mark: "-", text: oldLine });
      old += 1;
    } else if (newLine !== undefined) {
      lines.push({ mark: "+", text: newLine });
      fresh += 1;
    }
  }
  return lines;
}
