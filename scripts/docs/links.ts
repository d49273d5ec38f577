import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type Finding, type Page, withoutFences } from "./page.ts";

const inline = /\[(?:[^\]\\]|\\.)*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g;
const reference = /^\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm;

/** Findings for relative links whose file or anchor does not exist. Addresses of other sites are not asked. */
export function deadLinks(root: string, pages: readonly Page[]): Finding[] {
  return pages.flatMap((page) => {
    const text = withoutFences(page.text).replace(/`[^`\n]*`/g, (span) => " ".repeat(span.length));
    const targets = [inline, reference].flatMap((form) => Array.from(text.matchAll(form), ([, target = ""]) => target));
    return targets.filter((target) => isRelative(target)).flatMap((target) => problemOf(root, page, target));
  });
}

function isRelative(target: string): boolean {
  return !/^([a-z][a-z\d+.-]*:|\/\/)/i.test(target);
}

function problemOf(root: string, page: Page, target: string): Finding[] {
  const [file = "", anchor] = decodeURI(target).split("#");
  const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
  const repair = "Correct the link, or restore what it points to.";
  const absolute = join(root, path);
  if (path.startsWith("..") || file.startsWith("/") || !existsSync(absolute))
    return [{ page: page.path, fact: `dead link ${target}`, repair }];
  if (anchor === undefined || !path.endsWith(".md") || statSync(absolute).isDirectory()) return [];
  const text = file === "" ? page.text : readFileSync(absolute, "utf8");
  if (anchorsOf(text).has(anchor)) return [];
  return [{ page: page.path, fact: `dead anchor ${target}`, repair }];
}

/** Anchors of the headings of a page, as code forges make them. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutFences(text).matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const base = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = base;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${base}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
