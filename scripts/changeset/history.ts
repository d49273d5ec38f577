import { spawnSync } from "node:child_process";

/** What a change is compared with. */
export interface Comparison {
  /** Commit before the change. */
  readonly base: string;
  /** True when the change is not on the main branch yet. */
  readonly isBranch: boolean;
}

const mainBranches = ["refs/remotes/origin/main", "refs/heads/main"];

/** Finds what to compare with: where the branch left `main`, or on `main` the commit before; `undefined` without one. */
export function findComparison(root: string): Comparison | undefined {
  const head = git(root, "rev-parse", "--verify", "HEAD");
  for (const main of mainBranches) {
    const base = git(root, "merge-base", "HEAD", main);
    if (base !== undefined && base !== head) return { base, isBranch: true };
  }
  const before = git(root, "rev-parse", "--verify", "--quiet", "HEAD^");
  return before === undefined ? undefined : { base: before, isBranch: false };
}

/** Paths that differ from a commit, what is not committed yet included. */
export function changedPaths(root: string, base: string): string[] {
  const differing = git(root, "diff", "--name-only", "--no-renames", "-z", base) ?? "";
  const untracked = git(root, "ls-files", "--others", "--exclude-standard", "-z") ?? "";
  return [...differing.split("\0"), ...untracked.split("\0")].filter((path) => path !== "");
}

function git(root: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
