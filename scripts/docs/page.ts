import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A Markdown page of the repository. */
export interface Page {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Something that is wrong with a page, and how to repair it. */
export interface Finding {
  readonly page: string;
  readonly fact: string;
  readonly repair: string;
}

const places = ["*.md", "docs/**/*.md", "packages/*/*.md", "apps/*/*.md", "bench/*.md"];

/** Every page that readers of the project see. */
export function readPages(root: string): Page[] {
  const paths = globSync(places, { cwd: root, exclude: (name) => /(^|[\\/])(node_modules|CHANGELOG\.md)$/.test(name) });
  return paths.toSorted().map((path) => readPage(root, path.replaceAll("\\", "/")));
}

function readPage(root: string, path: string): Page {
  return { path, text: readFileSync(join(root, path), "utf8") };
}

/** The page with fenced code replaced by empty lines, so that line numbers hold. */
export function withoutFences(text: string): string {
  return text.replace(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[^\S\n]*$/gm, (fence) => fence.replace(/[^\n]/g, ""));
}

/** One finding as it is printed. */
export function formatFinding({ page, fact, repair }: Finding): string {
  return `${page}: ${fact}\n  ${repair}`;
}
