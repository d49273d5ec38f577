import type { Tool } from "@bothways/kit";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { getFileInfo } from "./get-file-info.ts";
import { listAllowedDirectories } from "./list-allowed-directories.ts";
import { listDirectory } from "./list-directory.ts";
import { readFile } from "./read-file.ts";
import { readTextFile } from "./read-text-file.ts";
import { searchFiles } from "./search-files.ts";

/** Every tool of this server, in the order clients see. */
export const tools: readonly Tool<FileSystem>[] = [
  readFile,
  readTextFile,
  listDirectory,
  searchFiles,
  getFileInfo,
  listAllowedDirectories,
];
