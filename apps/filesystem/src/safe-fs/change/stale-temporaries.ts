import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { FailureError, type Logger } from "@bothways/kit";
import { isProcessAlive, userId } from "../../environment.ts";
import type { Scope } from "../scope.ts";
import { temporaryOwner } from "../temporary-name.ts";
import { journalOwner, openEntries } from "./journal.ts";

/** A journal larger than this was not written by this server. */
const maxJournalBytes = 16 * 1024 * 1024;

/**
 * Removes the temporary files that servers left behind when they were killed, as far as they lie in the allowed
 * directories; those of servers that still run stay.
 *
 * A journal is believed in nothing but where to look: what it names is removed only when it is a regular file of this
 * user, with a name that only such a server gives, in a directory this server may change.
 */
export function removeStaleTemporaries(directory: string, scope: Scope, log: Logger): void {
  for (const name of journalsIn(directory)) {
    const owner = journalOwner(name);
    if (!owner || isProcessAlive(owner.processId, owner.started)) continue;
    const path = join(directory, name);
    const text = readPrivate(path);
    if (text === undefined) continue;
    let left = 0;
    for (const entry of openEntries(text)) {
      const outcome = removeTemporary(scope, entry);
      if (outcome === "removed") log.info("removed a temporary file of a server that was killed");
      if (outcome === "elsewhere") left += 1;
    }
    // What lies elsewhere is left for a server that may go there.
    if (left === 0) tryUnlink(path);
  }
}

function removeTemporary(scope: Scope, path: string): "removed" | "gone" | "elsewhere" {
  try {
    using located = scope.locate(path, "link");
    const owner = temporaryOwner(located.name);
    const isOurs = located.type === "file" && owner !== undefined && !isProcessAlive(owner.processId, owner.started);
    const user = userId();
    if (!isOurs || (user !== undefined && located.stat.uid !== BigInt(user))) return "gone";
    if (located.root.access === "ro") return "elsewhere";
    scope.containment.at(located.parent, located.name, (name) => unlinkSync(name));
    return "removed";
  } catch (error) {
    if (!(error instanceof FailureError)) return "elsewhere";
    return error.failure.code === "NOT_FOUND" ? "gone" : "elsewhere";
  }
}

function journalsIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No server of this user has written anything yet.
    return [];
  }
}

function readPrivate(path: string): string | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = fstatSync(fd);
      return stat.isFile() && stat.size <= maxJournalBytes ? readFileSync(fd, "utf8") : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    // Another server was quicker.
    return undefined;
  }
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another server was quicker.
  }
}
