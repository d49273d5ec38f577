import { FailureError, type WatchContext } from "@bothways/kit";
import type { SqliteOptions } from "../options.ts";
import type { Sqlite } from "../sqlite.ts";
import { parseUri } from "./uris.ts";

/** Follows one resource for one subscriber. */
export async function watchResource(uri: string, context: WatchContext<Sqlite, SqliteOptions>): Promise<Disposable> {
  const address = parseUri(uri);
  const updated = (): void => context.updated();
  if (address?.kind === "memo") return context.resources.memos.watch(context.principal?.id, updated);
  if (address !== undefined) return context.resources.schemas.watch(address.database, updated);
  throw new FailureError(
    "RESOURCE_NOT_FOUND",
    "there is no such resource to subscribe to.",
    "Call resources/list and resources/templates/list.",
  );
}
