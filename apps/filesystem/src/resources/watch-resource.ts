import { FailureError, type WatchContext } from "@bothways/kit";
import type { FileSystemOptions } from "../options.ts";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { pathOfUri } from "../safe-fs/resource-uri.ts";

/** Watches one `file:` uri for one subscriber; what it names need not exist yet, but it must be allowed. */
export async function watchResource(
  uri: string,
  context: WatchContext<FileSystem, FileSystemOptions>,
): Promise<Disposable> {
  const path = pathOfUri(uri);
  if (path === undefined) {
    throw new FailureError("INVALID_INPUT", "the uri is no file:/// uri of an absolute path.", "Call resources/list.");
  }
  return context.resources.watch(path, context.connection, () => context.updated());
}
