import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The text that 400 of the files hold once. */
export const needle = "needle_in_haystack";

const directories = 3200;
const files = 20_000;
const binaries = 20;
const needleEvery = 50;
const endings = ["ts", "js", "py", "md", "json", "txt"] as const;
const words = (
  "const let value return function import export from index count total item list map filter reduce async await " +
  "promise error result data input output file path name size type string number boolean object array"
).split(" ");

/**
 * Writes a tree like that of a large project: 20,000 text files of 140 MB in 3,200 directories, half of them under an
 * ignored `node_modules`, and 20 binaries. The same on every run.
 */
export function writeSourceTree(root: string): void {
  const random = createRandom(42);
  const own = writeDirectories(join(root, "src"), random);
  const others = writeDirectories(join(root, "node_modules"), random);
  for (let index = 0; index < files; index += 1) {
    const place = pick(index % 2 === 0 ? others : own, random);
    const lines = textLines(2000 + random() * 10_000, random);
    if (index % needleEvery === 0) lines[Math.floor(random() * lines.length)] += needle;
    writeFileSync(join(place, `f${index}.${endings[index % endings.length]}`), `${lines.join("\n")}\n`);
  }
  for (let index = 0; index < binaries; index += 1) {
    const bytes = Buffer.from(Array.from({ length: 50_000 }, () => Math.floor(random() * 256)));
    writeFileSync(join(pick(own, random), `b${index}.bin`), bytes);
  }
  writeFileSync(join(root, ".gitignore"), "node_modules/\n");
}

function writeDirectories(base: string, random: () => number): string[] {
  mkdirSync(base, { recursive: true });
  const made: { path: string; depth: number }[] = [{ path: base, depth: 0 }];
  while (made.length < directories / 2) {
    const parent = pick(made, random);
    if (parent.depth === 6) continue;
    const path = join(parent.path, `d${made.length}`);
    mkdirSync(path);
    made.push({ path, depth: parent.depth + 1 });
  }
  return made.map(({ path }) => path);
}

function textLines(bytes: number, random: () => number): string[] {
  const lines: string[] = [];
  for (let size = 0; size < bytes; ) {
    const line = Array.from({ length: 4 + Math.floor(random() * 10) }, () => pick(words, random)).join(" ");
    lines.push(line);
    size += line.length + 1;
  }
  return lines;
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** A linear congruential generator: what it makes has to be varied, not unpredictable. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}
