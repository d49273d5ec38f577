import { rmdirSync, unlinkSync } from "node:fs";
import { FailureError } from "@bothways/kit";
import type { Pacer } from "../../text/pacer.ts";
import type { Containment, HeldDirectory } from "../containment.ts";
import type { Located } from "../located.ts";
import { explained, quoted, refusal } from "../refusal.ts";
import type { Root } from "../roots.ts";
import { assertNotRoot, countSubtree, type StoredName, type SubtreeScope, walkSubtree } from "./subtree.ts";
import { flushDirectory } from "./write-bytes.ts";

/** How something is to be deleted. */
export interface DeleteOptions {
  readonly recursive: boolean;
  readonly dryRun: boolean;
  /** Every allowed directory of this server, whoever may use it. */
  readonly roots: readonly Root[];
  /** Told how many entries are gone, of how many. */
  readonly progress: (done: number, total: number) => void;
}

/** What was deleted. */
export interface Deleted {
  readonly deletedFiles: number;
  readonly deletedDirs: number;
}

/**
 * Deletes a locked file, link or directory; a link is removed as a link, also when it leads to a directory.
 *
 * Everything below a directory is counted first, so that what must stay is found before anything is gone.
 */
export async function deleteEntry(
  containment: Containment,
  located: Located,
  options: DeleteOptions,
  pacer: Pacer,
): Promise<Deleted> {
  const { parent, name, asked, type } = located;
  const scope = { containment, roots: options.roots };
  assertNotRoot(located, options.roots);
  try {
    const isDirectory = type === "directory";
    const count = isDirectory ? await countSubtree(scope, located, pacer) : { files: 1, directories: 0 };
    const total = count.files + count.directories;
    if (isDirectory && total > 0 && !options.recursive) throw notEmpty(asked, total);
    if (!options.dryRun) {
      if (isDirectory) await emptyDirectory(scope, located, total, options, pacer);
      containment.at(parent, name, (path) => (isDirectory ? rmdirSync(path) : unlinkSync(path)));
      await flushDirectory(containment, parent);
      options.progress(total + 1, total + 1);
    }
    return { deletedFiles: count.files, deletedDirs: count.directories + (isDirectory ? 1 : 0) };
  } catch (error) {
    throw explained(error, asked);
  }
}

async function emptyDirectory(
  scope: SubtreeScope,
  located: Located,
  total: number,
  { progress }: DeleteOptions,
  pacer: Pacer,
): Promise<void> {
  let done = 0;
  const note = (): void => {
    done += 1;
    if (done % 100 === 0) progress(done, total + 1);
  };
  try {
    await walkSubtree(
      scope,
      located,
      {
        entry(entry, parent) {
          if (entry.type === "directory") return true;
          remove(scope.containment, parent.held, entry);
          note();
          return false;
        },
        leave(name, parent) {
          scope.containment.at(parent.held, name, (path) => rmdirSync(path));
          note();
        },
      },
      pacer,
    );
  } catch (error) {
    throw afterPart(error, located.asked, done);
  }
}

function remove(containment: Containment, directory: HeldDirectory, { name, raw }: StoredName): void {
  if (!raw) containment.at(directory, name, unlinkSync);
  else containment.here(directory, (path) => unlinkSync(Buffer.concat([Buffer.from(`${path}/`), raw])));
}

/** The first error, and how far the deleting had come: that cannot be taken back. */
function afterPart(error: unknown, path: string, done: number): unknown {
  const known = explained(error, path);
  if (done === 0 || !(known instanceof FailureError)) return known;
  const { code, sentence, next } = known.failure;
  return new FailureError(code, `${sentence} ${done} entries below it are already deleted.`, next);
}

function notEmpty(path: string, count: number): Error {
  return refusal("NOT_EMPTY", `${quoted(path)} holds ${count} entries.`, "Set recursive to true to delete them too.");
}
