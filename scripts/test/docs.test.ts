import { expect, it } from "vitest";
import { fillBlocks } from "../docs/blocks.ts";
import { staleFiles } from "../docs/config-schemas.ts";
import { unexplainedDependencies } from "../docs/dependencies.ts";
import { exampleBlock } from "../docs/example-block.ts";
import { anchorsOf, deadLinks } from "../docs/links.ts";
import { unknownMentions } from "../docs/mentions.ts";
import { formatFinding, readPages } from "../docs/page.ts";
import { looseCode, missingBlocks, tooLong } from "../docs/page-rules.ts";
import { folderWith } from "./folder-with.ts";
import { repository } from "./house-copy.ts";

const block = "<!-- generated:one -->\nnew\n<!-- /generated -->";
const source = (id: string): string | undefined => (id === "one" ? "new\n" : undefined);

it("leaves a block alone that says what code says", () => {
  const filled = fillBlocks({ path: "a.md", text: `before\n${block}\nafter\n` }, source);

  expect(filled).toEqual({ text: `before\n${block}\nafter\n`, findings: [] });
});

it("writes a stale block anew, and names page and command", () => {
  const { text, findings } = fillBlocks({ path: "a.md", text: block.replace("new", "old") }, source);

  expect(text).toBe(block);
  expect(findings.map(formatFinding)).toEqual(['a.md: the block "one" is stale\n  Run: npx -y pnpm@12 docs:write']);
});

it.each([
  ["<!-- generated:two -->\n<!-- /generated -->", 'nothing generates the block "two"'],
  ["<!-- generated:one -->\n", 'the block "one" is not closed'],
  ["<!-- /generated -->", "the marker <!-- /generated --> has no partner"],
])("keeps what it cannot fill: %j", (text, fact) => {
  const filled = fillBlocks({ path: "a.md", text }, source);

  expect(filled.findings.map((finding) => finding.fact)).toContain(fact);
});

it("shows an example, or one region of it, as the file has it", () => {
  using folder = folderWith({
    "docs/examples/a.ts": "first();\n// #region middle\nsecond();\n// #endregion\nthird();\n",
  });

  expect(exampleBlock(folder.path, "a.ts")).toBe("```ts\nfirst();\nsecond();\nthird();\n```");
  expect(exampleBlock(folder.path, "a.ts#middle")).toBe("```ts\nsecond();\n```");
  expect(() => exampleBlock(folder.path, "a.ts#end")).toThrow('docs/examples/a.ts has no region "end"');
});

it("finds dead links and dead anchors, and leaves code and other sites alone", () => {
  const text = [
    "[file](b.md) [heading](b.md#two-words) [here](#top) [away](https://example.com/x) `[code](none.md)`",
    "[gone](gone.md) [wrong](b.md#gone) [outside](../outside.md) [absolute](/etc/passwd)",
    "```\n[fenced](none.md)\n```",
    "[reference]: missing.md",
    "# Top",
  ].join("\n");
  using folder = folderWith({ "docs/a.md": text, "docs/b.md": "# Two words\n", "outside.md": "" });

  const findings = deadLinks(folder.path, [{ path: "docs/a.md", text }]);

  expect(findings.map(({ fact }) => fact)).toEqual([
    "dead link gone.md",
    "dead anchor b.md#gone",
    "dead link /etc/passwd",
    "dead link missing.md",
  ]);
});

it("makes anchors as code forges do", () => {
  const text = "# Two words\n## `serve()` – and *more*\n## Two words\n```\n# no heading\n```\n";

  expect([...anchorsOf(text)]).toEqual(["two-words", "serve--and-more", "two-words-1"]);
});

it("finds flags and variables that no server knows", () => {
  const text = "`--port 1 --prot 1 --no-…` --port=2 a--b `BOTHWAYS_PORT` `BOTHWAYS_PROT` `BOTHWAYS_<NAME>_PORT`\n---\n";
  const known = { flags: new Set(["--port"]), variables: new Set(["BOTHWAYS_PORT"]) };

  const findings = unknownMentions([{ path: "a.md", text }], known);

  expect(findings.map(({ fact }) => fact)).toEqual(["no server knows --prot", "no server knows BOTHWAYS_PROT"]);
});

it("finds code that nobody runs and JSON that nobody can paste", () => {
  const text = '```ts\nlet a;\n```\n```json\n{ "a": 1 }\n```\n```json\n{ a: 1 }\n```\n```\n$ ls\n```\n';

  const facts = looseCode([{ path: "a.md", text }]).map(({ fact }) => fact);

  expect(facts).toEqual(["a ts block is not an executed example", "a json block does not parse"]);
  expect(looseCode([{ path: "a.md", text: `<!-- generated:one -->\n${text}<!-- /generated -->\n` }])).toEqual([]);
});

it("counts the lines of a page without its generated tables", () => {
  const generated = `<!-- generated:flags:kit -->\n${"row\n".repeat(100)}<!-- /generated -->\n`;

  expect(tooLong([{ path: "README.md", text: `${"line\n".repeat(80)}${generated}` }])).toEqual([]);
  expect(tooLong([{ path: "README.md", text: generated.replace("flags:kit", "example:a.ts") }])).toMatchObject([
    { fact: "102 lines, at most 80 are allowed" },
  ]);
});

it("finds pages without the blocks their readers rely on", () => {
  const facts = missingBlocks([{ path: "a.md", text: block }], { "a.md": ["one", "two"], "b.md": ["one"] });

  expect(facts.map(({ page, fact }) => `${page}: ${fact}`)).toEqual([
    'a.md: the block "two" is missing',
    "b.md: the page is missing",
  ]);
});

it("wants a reason for every runtime dependency, and no others", () => {
  using folder = folderWith({
    "packages/a/package.json": '{ "name": "a", "dependencies": { "zod": "1", "left-pad": "1", "@bothways/kit": "1" } }',
    "apps/b/package.json": '{ "name": "b", "private": true, "dependencies": { "unpublished": "1" } }',
  });
  const text = "| package | why |\n| --- | --- |\n| `zod` | schemas |\n| `gone` | was here |\n";

  const findings = unexplainedDependencies(folder.path, [{ path: "DEPENDENCIES.md", text }]);

  expect(findings.map(({ fact }) => fact)).toEqual([
    "no reason is given for left-pad",
    "gone is no runtime dependency any more",
  ]);
});

it("finds generated files that are absent or were changed by hand", () => {
  using folder = folderWith({ "a.json": "{}\n", "b.json": "{ }\n" });
  const files = ["a.json", "b.json", "c.json"].map((path) => ({ path, content: "{}\n" }));

  expect(staleFiles(folder.path, files).map(({ page }) => page)).toEqual(["b.json", "c.json"]);
});

it("reads the pages of the repository and of no dependency", () => {
  const paths = readPages(repository).map(({ path }) => path);

  expect(paths).toEqual(expect.arrayContaining(["README.md", "docs/architecture.md", "apps/sqlite/README.md"]));
  expect(paths.filter((path) => path.includes("node_modules"))).toEqual([]);
});
