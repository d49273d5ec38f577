import { watch } from "node:fs";

/** Calls back once after each burst of changes to TypeScript files below the folders. */
export function watchSources(folders: readonly string[], changed: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const watchers = folders.map((folder) =>
    watch(folder, { recursive: true }, (_event, file) => {
      if (file === null || !file.endsWith(".ts")) return;
      clearTimeout(timer);
      // Editors save in several steps, and a change of branch touches many files.
      timer = setTimeout(changed, 150);
    }),
  );
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
