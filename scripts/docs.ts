import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fillBlocks } from "./docs/blocks.ts";
import { configSchemas, staleFiles } from "./docs/config-schemas.ts";
import { unexplainedDependencies } from "./docs/dependencies.ts";
import { wrongCalls } from "./docs/example-calls.ts";
import { deadLinks } from "./docs/links.ts";
import { knownNames, unknownMentions } from "./docs/mentions.ts";
import { formatFinding, readPages } from "./docs/page.ts";
import { looseCode, missingBlocks, tooLong } from "./docs/page-rules.ts";
import { brokenExamples } from "./docs/run-examples.ts";
import { servers } from "./docs/servers.ts";
import { blockSource } from "./docs/sources.ts";

// Writes what code knows into the pages, or with --check says where they differ; then checks the rest of the pages.
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const root = fileURLToPath(new URL("..", import.meta.url));
const source = await blockSource(root);
const files = configSchemas();

if (!values.check) {
  for (const { path, content } of files) if (staleFiles(root, [{ path, content }]).length > 0) write(path, content);
  for (const page of readPages(root)) {
    const { text } = fillBlocks(page, source);
    if (text !== page.text) write(page.path, text);
  }
}

const pages = readPages(root);
const findings = [
  ...staleFiles(root, files),
  ...wrongCalls(root, servers),
  ...pages.flatMap((page) => fillBlocks(page, source).findings),
  ...missingBlocks(pages, {
    "docs/options.md": ["flags:kit"],
    ...Object.fromEntries(
      servers.map(({ name }) => [`apps/${name}/README.md`, [`flags:${name}`, `tools:${name}`]] as const),
    ),
  }),
  ...deadLinks(root, pages),
  // What a benchmark prints names the flags of many programs.
  ...unknownMentions(
    pages.filter(({ path }) => path !== "docs/performance.md"),
    knownNames(),
  ),
  ...looseCode(pages),
  ...tooLong(pages),
  ...unexplainedDependencies(root, pages),
  ...(await brokenExamples(root)),
];
for (const finding of findings) process.stderr.write(`${formatFinding(finding)}\n`);
process.stdout.write(`${pages.length} pages checked, ${findings.length} problems.\n`);
process.exitCode = findings.length === 0 ? 0 : 1;

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  process.stdout.write(`${path} written\n`);
}
