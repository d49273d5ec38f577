import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createDemoDatabase } from "../../apps/sqlite/src/demo/demo-database.ts";

/** One server of the main job: how to fill its demo data, how to start it, and what to ask it first. */
export interface Demo {
  /** Folder below `apps/`. */
  readonly name: string;
  readonly port: number;
  /** Creates the demo data in an empty folder; resolves with the arguments that serve it. */
  prepare(folder: string): Promise<readonly string[]>;
  readonly firstCall: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
}

const projectFiles: Readonly<Record<string, string>> = {
  "README.md": "# Lighthouse\n\nA small project to look around in. Start with `docs/plan.md`.\n",
  "docs/plan.md": "# Plan\n\n1. Light the lamp at dusk.\n2. Log every ship that passes.\n3. Put it out at dawn.\n",
  "src/lamp.py": "def is_lit(hour: int) -> bool:\n    return hour >= 18 or hour < 6\n",
  "src/log.py": "ships: list[str] = []\n\n\ndef note(name: str) -> None:\n    ships.append(name)\n",
  "data/ships.csv": "name,tonnage\nAurora,4200\nBoreas,1800\nCalypso,950\n",
};

async function prepareProject(folder: string): Promise<readonly string[]> {
  for (const [path, text] of Object.entries(projectFiles)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return [folder];
}

async function prepareShop(folder: string): Promise<readonly string[]> {
  const file = join(folder, "shop.db");
  await createDemoDatabase(file);
  return [file];
}

/** Every server that exists, in the order of its port. */
export const demos: readonly Demo[] = [
  {
    name: "filesystem",
    port: 3001,
    prepare: prepareProject,
    firstCall: { name: "read_text_file", arguments: { path: "docs/plan.md" } },
  },
  {
    name: "sqlite",
    port: 3003,
    prepare: prepareShop,
    firstCall: {
      name: "read_query",
      arguments: { query: "SELECT * FROM monthly_revenue", limit: 3, format: "markdown" },
    },
  },
];
