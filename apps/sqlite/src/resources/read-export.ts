import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Largest file a client can read through its link. */
const maxBytes = 1_048_576;

/**
 * Reads a file that this server wrote to the export directory.
 *
 * @param fileName A plain name that was handed out before; anything else must not get here.
 * @returns undefined when it is gone, is no longer a plain file or is too large to hand out.
 */
export async function readExport(exportDir: string, fileName: string): Promise<string | undefined> {
  try {
    // A link put in its place since would lead out of the directory.
    await using file = await open(join(exportDir, fileName), constants.O_RDONLY | constants.O_NOFOLLOW);
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxBytes) return undefined;
    return await file.readFile("utf8");
  } catch {
    return undefined;
  }
}
