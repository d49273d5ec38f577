import type { Tool } from "@bothways/kit";
import type { FileSystem } from "../safe-fs/file-system.ts";
import { appendFile } from "./append-file.ts";
import { copyFile } from "./copy-file.ts";
import { createDirectory } from "./create-directory.ts";
import { deleteFile } from "./delete-file.ts";
import { directoryTree } from "./directory-tree.ts";
import { editFile } from "./edit-file.ts";
import { getFileInfo } from "./get-file-info.ts";
import { listAllowedDirectories } from "./list-allowed-directories.ts";
import { listDirectory } from "./list-directory.ts";
import { listDirectoryWithSizes } from "./list-directory-with-sizes.ts";
import { moveFile } from "./move-file.ts";
import { readFile } from "./read-file.ts";
import { readMediaFile } from "./read-media-file.ts";
import { readMultipleFiles } from "./read-multiple-files.ts";
import { readTextFile } from "./read-text-file.ts";
import { searchFiles } from "./search-files.ts";
import { searchFilesContent } from "./search-files-content.ts";
import { writeFile } from "./write-file.ts";

/** Every tool of this server, in the order clients see. */
export const tools: readonly Tool<FileSystem>[] = [
  readTextFile,
  readFile,
  readMediaFile,
  readMultipleFiles,
  listDirectory,
  listDirectoryWithSizes,
  directoryTree,
  searchFiles,
  searchFilesContent,
  getFileInfo,
  listAllowedDirectories,
  writeFile,
  appendFile,
  editFile,
  createDirectory,
  moveFile,
  copyFile,
  deleteFile,
];
