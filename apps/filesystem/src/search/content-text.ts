import type { ContentMatch, ContentPage } from "./content-page.ts";

/** Results as text, a line each, in the form that grep made usual. */
export function contentText(page: ContentPage, mode: "matches" | "files" | "count"): string {
  const lines = {
    matches: () => page.matches.map(matchText),
    files: () => page.files,
    count: () => page.counts.map(({ path, count }) => `${path}:${count}`),
  }[mode]();
  if (lines.length === 0) return "No matches found";
  const hasContext = page.matches.some(({ before }) => before !== undefined);
  return lines.join(hasContext ? "\n--\n" : "\n");
}

function matchText({ path, line, text, before = [], after = [] }: ContentMatch): string {
  const matched = text.split("\n");
  return [
    ...before.map((content, index) => `${path}-${line - before.length + index}-${content}`),
    ...matched.map((content, index) => `${path}:${line + index}:${content}`),
    ...after.map((content, index) => `${path}-${line + matched.length + index}-${content}`),
  ].join("\n");
}
