import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding, Page } from "./page.ts";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Findings for runtime dependencies without a reason in `DEPENDENCIES.md`, and for reasons without a dependency. */
export function unexplainedDependencies(root: string, pages: readonly Page[]): Finding[] {
  const page = pages.find(({ path }) => path === "DEPENDENCIES.md");
  const explained = new Set(Array.from((page?.text ?? "").matchAll(/^\| `([^`]+)` \|/gm), ([, name = ""]) => name));
  const used = new Set(manifests(root).flatMap(dependenciesOf));
  const facts = [
    ...[...used].filter((name) => !explained.has(name)).map((name) => `no reason is given for ${name}`),
    ...[...explained].filter((name) => !used.has(name)).map((name) => `${name} is no runtime dependency any more`),
  ];
  return facts.map((fact) => ({ page: "DEPENDENCIES.md", fact, repair: "Add or remove its row." }));
}

function manifests(root: string): Manifest[] {
  const paths = globSync(["packages/*/package.json", "apps/*/package.json"], { cwd: root });
  return paths.map((path) => JSON.parse(readFileSync(join(root, path), "utf8")));
}

function dependenciesOf({ private: isPrivate, dependencies = {}, optionalDependencies = {} }: Manifest): string[] {
  if (isPrivate) return [];
  return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !name.startsWith("@bothways/"));
}
