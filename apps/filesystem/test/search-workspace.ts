import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, createWorkspace, type Workspace } from "./workspace.ts";

/** Contents by path below `R`. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** False when the whole suite runs as if ripgrep were not installed. */
const hasRipgrep = process.env["BOTHWAYS_TEST_NO_RIPGREP"] === undefined;

/** What `--ripgrep auto` leads to. */
export const indexed = hasRipgrep ? "ripgrep" : "builtin";

/** The ways to search, and the option that chooses each. */
export const engines = [...(hasRipgrep ? [["ripgrep", "auto"] as const] : []), ["builtin", "off"] as const];

export function workspaceOf(files: Files, settings: Parameters<typeof createWorkspace>[0] = {}): Workspace {
  return createWorkspace(settings, (base) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(base, "R", path, ".."), { recursive: true });
      writeFileSync(join(base, "R", path), content);
    }
  });
}

export async function search(workspace: Workspace, input: Record<string, unknown>): Promise<Answer> {
  return workspace.call("search_files_content", input);
}

/** Matches as `path:line:column:text`, paths below R. */
export function linesOf(answer: Answer, { R }: Workspace): string[] {
  return answer.data.matches.map(
    (match: { path: string; line: number; column: number; text: string }) =>
      `${match.path.slice(R.length + 1)}:${match.line}:${match.column}:${match.text}`,
  );
}

export const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
