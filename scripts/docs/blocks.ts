import type { Finding, Page } from "./page.ts";

/** Makes the content of one block; `undefined` when it does not know the id. */
export type BlockSource = (id: string) => string | undefined;

/** A page with its blocks as they should be. */
export interface Filled {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** The command that rewrites every generated block and file. */
export const repairCommand = "Run: npx -y pnpm@12 docs:write";

const marker = /^<!-- (?:generated:(\S+)|(\/generated)) -->$/;

/**
 * Fills what stands between `<!-- generated:<id> -->` and `<!-- /generated -->`, each alone on its line.
 *
 * Findings name blocks that differ, have no source, or are not closed.
 */
export function fillBlocks({ path, text }: Page, source: BlockSource): Filled {
  const findings: Finding[] = [];
  const kept: string[] = [];
  let open: { readonly id: string; readonly lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [whole, id, end] = marker.exec(line) ?? [];
    if (whole === undefined) (open?.lines ?? kept).push(line);
    else if (id !== undefined && open === undefined) {
      kept.push(line);
      open = { id, lines: [] };
    } else if (end !== undefined && open !== undefined) {
      kept.push(...closed(open, path, source, findings), line);
      open = undefined;
    } else {
      findings.push({ page: path, fact: `the marker ${line} has no partner`, repair: "Write markers in pairs." });
      kept.push(line);
    }
  }
  if (open === undefined) return { text: kept.join("\n"), findings };
  const fact = `the block "${open.id}" is not closed`;
  return { text, findings: [...findings, { page: path, fact, repair: "Close it with <!-- /generated -->." }] };
}

function closed(
  { id, lines }: { readonly id: string; readonly lines: readonly string[] },
  page: string,
  source: BlockSource,
  findings: Finding[],
): readonly string[] {
  const content = source(id);
  if (content === undefined) {
    findings.push({
      page,
      fact: `nothing generates the block "${id}"`,
      repair: "See scripts/docs/sources.ts for ids.",
    });
    return lines;
  }
  const wanted = content.trimEnd().split("\n");
  if (wanted.join("\n") !== lines.join("\n"))
    findings.push({ page, fact: `the block "${id}" is stale`, repair: repairCommand });
  return wanted;
}

/** Ids of the blocks of a page. */
export function blockIds(text: string): string[] {
  return text.split("\n").flatMap((line) => marker.exec(line)?.[1] ?? []);
}

/**
 * The page without its generated blocks, markers included.
 *
 * @param ids Leaves out only blocks with such an id. @default all
 */
export function withoutBlocks(text: string, ids: RegExp = /./): string {
  const block = /^<!-- generated:(\S+) -->\n[\s\S]*?^<!-- \/generated -->\n?/gm;
  return text.replace(block, (whole: string, id: string) => (ids.test(id) ? "" : whole));
}
