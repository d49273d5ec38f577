import { pathToFileURL } from "node:url";

/** The `file:` uri of an absolute path; every character that is not plain is percent-encoded. */
export function fileUri(path: string): string {
  return pathToFileURL(path).href;
}
