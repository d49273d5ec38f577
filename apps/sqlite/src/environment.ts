import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/** Variables the operating system or its libraries need; `TZ` decides what SQLite calls local time. */
const kept = ["PATH", "TZ", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SystemRoot", "windir"];

/**
 * The environment of an engine process: nothing that could hold a secret or change how Node starts.
 *
 * @param uri True lets SQLite read `file:` URIs; it looks for this when its library is loaded.
 */
export function engineEnvironment(uri: boolean): Record<string, string> {
  const environment = Object.fromEntries(
    kept.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  // An engine that finds its code compiled starts in half the time. Node reports its own folder inside the one given.
  const cache = getCompileCacheDir();
  return {
    ...environment,
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
    ...(uri ? { SQLITE_USE_URI: "1" } : {}),
  };
}

/** Id of this process, by which an engine notices that it was orphaned. */
export function ownPid(): number {
  return process.pid;
}
