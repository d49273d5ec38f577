/** The source folder of a package that was changed. */
const source = /^((?:packages|apps)\/[^/]+)\/src\//;

/** Folders of the packages of which a source file is among the paths. */
export function changedPackages(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => source.exec(path)?.[1] ?? []))].toSorted();
}

/** Whether a path is a changeset; the README of the folder is none. */
export function isChangeset(path: string): boolean {
  return /^\.changeset\/(?!README\.md$)[^/]+\.md$/.test(path);
}

/** Names of the packages that a changeset releases, from its front matter. */
export function releasedBy(changeset: string): string[] {
  const [, frontMatter = ""] = /^---\n([\s\S]*?)^---$/m.exec(changeset) ?? [];
  return Array.from(
    frontMatter.matchAll(/^["']?([^"'\n:]+)["']?:\s*(?:major|minor|patch)\s*$/gm),
    ([, name = ""]) => name,
  );
}
