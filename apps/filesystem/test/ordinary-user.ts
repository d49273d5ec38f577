import { chmodSync, chownSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

const nobody = 65_534;

/** Runs `act` as a user whom permissions stop: as this one, or when that is root, as one without privileges. */
export async function asOrdinaryUser<Result>(workspace: Workspace, act: () => Promise<Result>): Promise<Result> {
  const user = process.geteuid?.();
  if (user !== 0) return act();
  chmodSync(workspace.base, 0o755);
  for (const name of readdirSync(workspace.R, { recursive: true, encoding: "utf8" })) {
    const path = join(workspace.R, name);
    if (!lstatSync(path).isSymbolicLink()) chownSync(path, nobody, nobody);
  }
  chownSync(workspace.R, nobody, nobody);
  // Without `/proc` a call leaves the working directory and comes back, which that user may not if it is in a private one.
  const start = process.cwd();
  process.chdir(workspace.base);
  process.seteuid?.(nobody);
  try {
    return await act();
  } finally {
    process.seteuid?.(user);
    process.chdir(start);
  }
}
