import { blockIds, withoutBlocks } from "./blocks.ts";
import type { Finding, Page } from "./page.ts";

/** How long a page may be; the first pattern that matches counts. */
const limits: readonly (readonly [pattern: RegExp, lines: number])[] = [
  [/^(apps|packages)\/[^/]+\/README\.md$/, 120],
  [/^docs\/decisions\//, 60],
  [/^docs\/(transports|performance)\.md$/, Number.POSITIVE_INFINITY],
  [/^docs\//, 250],
  [/^(README|CONTRIBUTING|REVIEW|SECURITY)\.md$/, 80],
];

/** Findings for pages that are longer than a reader's patience; generated tables do not count, examples do. */
export function tooLong(pages: readonly Page[]): Finding[] {
  return pages.flatMap(({ path, text }) => {
    const limit = limits.find(([pattern]) => pattern.test(path))?.[1] ?? Number.POSITIVE_INFINITY;
    const lines = withoutBlocks(text, /^(flags|tools):/)
      .trimEnd()
      .split("\n").length;
    if (lines <= limit) return [];
    return [
      { page: path, fact: `${lines} lines, at most ${limit} are allowed`, repair: "Say less, or split by idea." },
    ];
  });
}

/** Findings for code that nobody runs: TypeScript outside a generated block, JSON that does not parse. */
export function looseCode(pages: readonly Page[]): Finding[] {
  return pages.flatMap(({ path, text }) => {
    const fences = withoutBlocks(text).matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```/gm);
    return Array.from(fences).flatMap(([, language = "", code = ""]): Finding[] => {
      if (/^(ts|typescript|js|javascript|mjs)$/.test(language)) {
        const repair = "Move it to docs/examples and generate the block: <!-- generated:example:<file> -->.";
        return [{ page: path, fact: `a ${language} block is not an executed example`, repair }];
      }
      if (language === "json" && !isJson(code))
        return [{ page: path, fact: "a json block does not parse", repair: "Make it a whole document." }];
      return [];
    });
  });
}

/** Findings for pages without a block that readers rely on. */
export function missingBlocks(pages: readonly Page[], wanted: Readonly<Record<string, readonly string[]>>): Finding[] {
  return Object.entries(wanted).flatMap(([path, ids]) => {
    const page = pages.find((one) => one.path === path);
    if (!page)
      return [{ page: path, fact: "the page is missing", repair: "Write it; docs/adding-a-tool.md says how." }];
    const present = blockIds(page.text);
    return ids
      .filter((id) => !present.includes(id))
      .map((id) => ({
        page: path,
        fact: `the block "${id}" is missing`,
        repair: `Add the lines <!-- generated:${id} --> and <!-- /generated -->, then run: npx -y pnpm@12 docs:write`,
      }));
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
