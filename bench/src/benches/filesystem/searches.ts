import { join } from "node:path";
import { type Bench, type BenchRoom, defineBench } from "../../harness/define-bench.ts";
import { official, ours, type ProgramSide, Servers, type ToolSide, whyNot } from "./sides.ts";
import { needle, writeSourceTree } from "./source-tree.ts";

type Side = ToolSide | ProgramSide;

const wall = { wall: { title: "wall time", unit: "ms" } } as const;

async function withTree({ node, scratch }: BenchRoom<undefined>): Promise<Servers> {
  const tree = join(scratch, "tree");
  writeSourceTree(tree);
  return new Servers(node, tree);
}

const common = {
  name: "filesystem",
  metrics: wall,
  unavailable: whyNot,
  prepare: withTree,
  repeat: 2,
  measure: async (side: Side, { shared }: BenchRoom<Servers>) => ({ wall: await shared.measure(side) }),
} as const;

const nameInput = (path: string): object => ({ path, pattern: "**/*.py" });
const everyName = (path: string): object => ({ ...nameInput(path), maxResults: 100_000 });

/** Finding 3,333 of 23,000 names. */
export const nameSearch: Bench = defineBench({
  ...common,
  title: "search_files **/*.py in 20,000 files",
  sides: {
    official: { command: official, tool: "search_files", input: nameInput },
    ours: { command: ours("--max-read", "16MiB"), tool: "search_files", input: everyName },
    "rg --files": { program: "rg", args: ["--no-config", "--files", "--hidden", "--no-ignore", "--", "."] },
  } satisfies Record<string, Side>,
  ratios: [
    { of: "official", to: "ours", metric: "wall", direction: "at-least", target: 20 },
    { of: "ours", to: "rg --files", metric: "wall", direction: "at-most", target: 4 },
  ],
});

const literal = { pattern: needle, respectGitignore: false, maxResults: 1000 };
const contentInput = (path: string): object => ({ path, ...literal });
const regexInput = (path: string): object => ({ path, ...literal, regex: true, pattern: "needle_in_\\w+" });
const flags = ["--no-config", "--json", "--no-follow", "--no-messages", "--no-require-git", "--no-ignore"];

/** Finding 400 lines in 140 MB. */
export const contentSearch: Bench = defineBench({
  ...common,
  title: "search_files_content over 140 MB, 400 hits",
  sides: {
    "rg literal": { program: "rg", args: [...flags, "-F", "-e", needle, "--", "."] },
    "ours literal": { command: ours(), tool: "search_files_content", input: contentInput },
    "ours literal, without ripgrep": {
      command: ours("--ripgrep", "off"),
      tool: "search_files_content",
      input: contentInput,
    },
    "rg regex": { program: "rg", args: [...flags, "-e", "needle_in_\\w+", "--", "."] },
    "ours regex": { command: ours(), tool: "search_files_content", input: regexInput },
    "ours regex, without ripgrep": {
      command: ours("--ripgrep", "off"),
      tool: "search_files_content",
      input: regexInput,
    },
  } satisfies Record<string, Side>,
  ratios: [
    { of: "ours literal", to: "rg literal", metric: "wall", direction: "at-most", target: 2.5 },
    { of: "ours literal, without ripgrep", to: "rg literal", metric: "wall", direction: "at-most", target: 8 },
    { of: "ours regex", to: "rg regex", metric: "wall", direction: "at-most" },
    { of: "ours regex, without ripgrep", to: "rg regex", metric: "wall", direction: "at-most" },
  ],
});

const pathOnly = (path: string): object => ({ path });
const allEntries = (path: string): object => ({ path, maxEntries: 50_000, format: "compact" });

/** Listing 23,000 entries. */
export const directoryTree: Bench = defineBench({
  ...common,
  title: "directory_tree of 23,000 entries",
  sides: {
    official: { command: official, tool: "directory_tree", input: pathOnly },
    "ours, defaults": { command: ours(), tool: "directory_tree", input: pathOnly },
    "ours, all entries": { command: ours("--max-read", "16MiB"), tool: "directory_tree", input: allEntries },
  } satisfies Record<string, Side>,
  ratios: [
    { of: "official", to: "ours, defaults", metric: "wall", direction: "at-least", target: 10 },
    { of: "official", to: "ours, all entries", metric: "wall", direction: "at-least", target: 4 },
  ],
});
