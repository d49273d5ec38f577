import type { Operation } from "../safe-fs/file-system.ts";
import type { Located } from "../safe-fs/located.ts";
import type { Encoding } from "../text/encoding.ts";
import type { ContentPage } from "./content-page.ts";
import type { ContentQuery } from "./content-query.ts";
import type { Selection } from "./selection.ts";

/** Files that were not searched, or whose matches are not shown. */
export interface Skipped {
  /** Files with NUL bytes that match. */
  binary: number;
  tooLarge: number;
  /** Entries that `--deny` hides. */
  denied: number;
  unreadable: number;
}

/** One search under way; both engines work on it. */
export interface SearchRun {
  readonly operation: Operation;
  readonly start: Located;
  readonly query: ContentQuery;
  readonly selection: Selection;
  readonly page: ContentPage;
  readonly skipped: Skipped;
  readonly legacy: Encoding;
  /** Aborts at the deadline, or with the call. */
  readonly stop: AbortSignal;
  /** Called with the number of files looked at so far. */
  readonly progress: (files: number) => void;
}
