import type { InstalledPackage } from "../pack.ts";

/** What a package may cost its users. */
export interface Budget {
  /** Packages that `npm install` brings, its own included. */
  readonly packages: number;
  /** Unpacked size of all of them, the search program apart. */
  readonly bytes: number;
  readonly bin?: BinBudget;
}

/** What the start of a bin may cost. */
export interface BinBudget {
  /** Time from start to the first `initialize` answer as a multiple of `node -e 0`. */
  readonly coldStart: number;
  /** Arguments of a usual start, with an empty folder to work in. */
  readonly args: (folder: string) => readonly string[];
}

const megabyte = 1_000_000;

/**
 * Growing past a budget fails the build; lower it when a package got lighter.
 *
 * 14.6 MB of each are the SDK and zod, which a server shares with the program that embeds it.
 */
export const budgets: Readonly<Record<string, Budget>> = {
  "@bothways/kit": { packages: 4, bytes: 16 * megabyte },
  "@bothways/server-filesystem": {
    packages: 12,
    bytes: 19 * megabyte,
    bin: { coldStart: 4, args: (folder) => [folder] },
  },
  "@bothways/server-sqlite": {
    packages: 8,
    bytes: 46 * megabyte,
    bin: { coldStart: 4, args: (folder) => [`${folder}/new.db`, "--read-write", "--create"] },
  },
};

/** Unpacked size without the search program, which is measured by what it finds. */
export function unpackedBytes(packages: readonly InstalledPackage[]): number {
  const counted = packages.filter(({ name }) => !name.startsWith("@vscode/ripgrep"));
  return counted.reduce((sum, { bytes }) => sum + bytes, 0);
}
