import picomatch from "picomatch";

/** The `--deny` globs of a volume, compiled. */
export interface DenyRules {
  /**
   * True when a rule hides `name` in the directory at `parent`.
   *
   * @param parent Path relative to the allowed directory, names joined by `/`, `""` for the directory itself. It must
   *   have passed this check already, name by name: a hidden directory covers everything below.
   */
  hides(parent: string, name: string): boolean;
}

type Matches = (path: string) => boolean;

/**
 * Compiles the operator's globs.
 *
 * @param globs Without `/`: a name at any depth. With `/`: a path relative to the allowed directory.
 * @param ignoreCase True where the volume itself ignores case.
 * @returns `undefined` when there is no rule, so that the walk can skip the check.
 */
export function compileDenyRules(globs: readonly string[], ignoreCase: boolean): DenyRules | undefined {
  if (globs.length === 0) return undefined;
  const names: Matches[] = [];
  const paths: Matches[] = [];
  for (const glob of globs) {
    const trimmed = glob.replace(/^\.\//, "").replace(/\/+$/, "");
    if (trimmed.includes("/")) paths.push(compile(trimmed.replace(/^\/+/, ""), ignoreCase));
    else names.push(compile(trimmed, ignoreCase));
  }
  return {
    hides(parent, name) {
      return names.some((matches) => matches(name)) || (paths.length > 0 && hidesPath(paths, parent, name));
    },
  };
}

function hidesPath(paths: readonly Matches[], parent: string, name: string): boolean {
  const path = parent === "" ? name : `${parent}/${name}`;
  return paths.some((matches) => matches(path));
}

function compile(glob: string, ignoreCase: boolean): Matches {
  // Flag s: a name may hold a line feed, which "**" would otherwise not cross.
  const options = { dot: true, nonegate: true, flags: ignoreCase ? "is" : "s", nocase: ignoreCase };
  const composed = glob.normalize("NFC");
  const matches = picomatch(composed === glob ? glob : [glob, composed], options);
  return (path) => matches(path) || (!isAscii(path) && matches(path.normalize("NFC")));
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the whole ASCII range is meant.
  return /^[\u0000-\u007f]*$/.test(text);
}
