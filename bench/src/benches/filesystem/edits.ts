import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, type BenchRoom, defineBench } from "../../harness/define-bench.ts";
import { official, ours, Servers, type ToolSide, whyNot } from "./sides.ts";

interface EditSide extends ToolSide {
  readonly file: string;
}

const sides = {
  official: { command: official, tool: "edit_file", input: () => ({}), file: "official.txt" },
  ours: { command: ours(), tool: "edit_file", input: () => ({}), file: "ours.txt" },
} satisfies Record<string, EditSide>;

interface Work extends AsyncDisposable {
  readonly directory: string;
  readonly servers: Servers;
}

async function prepare({ node, scratch }: BenchRoom<undefined>): Promise<Work> {
  const servers = new Servers(node, scratch);
  return { directory: scratch, servers, [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose]() };
}

interface TextEdit {
  readonly oldText: string;
  readonly newText: string;
}

/** Gives each side the same file and the same edits. */
function measureEdits(make: () => { text: string; edits: readonly TextEdit[] }) {
  let made: ReturnType<typeof make> | undefined;
  return async (side: EditSide, { shared: { directory, servers } }: BenchRoom<Work>): Promise<{ wall: number }> => {
    made ??= make();
    const { text, edits } = made;
    const path = join(directory, side.file);
    writeFileSync(path, text);
    const { wall } = await (await servers.caller(side)).call(side.tool, { path, edits });
    return { wall };
  };
}

const common = {
  name: "filesystem",
  metrics: { wall: { title: "wall time", unit: "ms" } },
  sides,
  unavailable: whyNot,
  prepare,
  repeat: 2,
} as const;

/** One line of 400,000. */
export const singleEdit: Bench = defineBench({
  ...common,
  title: "edit_file, one edit in 18 MB",
  measure: measureEdits(() => {
    const lines = Array.from({ length: 400_000 }, (_, index) => `line ${index} of some text that is repeated`);
    return { text: `${lines.join("\n")}\n`, edits: [{ oldText: "line 200000 of", newText: "LINE 200000 of" }] };
  }),
  ratios: [{ of: "official", to: "ours", metric: "wall", direction: "at-least", target: 8 }],
});

/** A thousand lines of twenty thousand. */
export const manyEdits: Bench = defineBench({
  ...common,
  title: "edit_file, 1,000 edits in 20,000 lines",
  measure: measureEdits(() => {
    const lines = Array.from(
      { length: 20_000 },
      (_, index) => `  const value${index} = compute(${(index * 7919) % 10_007}, "item-${index}");`,
    );
    const chosen = lines.filter((_line, index) => index % 20 === 0);
    const edits = chosen.map((line) => ({ oldText: line, newText: line.replace("compute", "calculate") }));
    return { text: `${lines.join("\n")}\n`, edits };
  }),
  ratios: [{ of: "official", to: "ours", metric: "wall", direction: "at-least", target: 20 }],
});
