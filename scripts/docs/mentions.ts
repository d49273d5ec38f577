import { createCatalogue, flagNames } from "../../packages/kit/src/options/catalogue.ts";
import { createKitSchema } from "../../packages/kit/src/options/kit-options.ts";
import { withoutBlocks } from "./blocks.ts";
import type { Finding, Page } from "./page.ts";
import { servers } from "./servers.ts";

/** Flags and variables that a page may name. */
export interface KnownNames {
  readonly flags: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
}

/** Of this repository's scripts, of pnpm, npm, Node and git. */
const otherFlags = [
  "--once",
  "--ports",
  "--keep",
  "--json",
  "--rounds",
  "--check",
  "--project",
  "--global",
  "--cpu-prof",
];
/** Read by the kit, but no option. */
const otherVariables = ["BOTHWAYS_STATE_KEY"];

/** Every flag and variable that some server accepts. */
export function knownNames(): KnownNames {
  const entries = servers.flatMap(({ definition: { short, options, defaultPort } }) => [
    ...createCatalogue(short, options, createKitSchema({ defaultPort })).entries,
  ]);
  return {
    flags: new Set([...entries.flatMap(flagNames), ...otherFlags]),
    variables: new Set([...entries.flatMap(({ env }) => env), ...otherVariables]),
  };
}

/** Findings for flags and variables that no server accepts. */
export function unknownMentions(pages: readonly Page[], { flags, variables }: KnownNames): Finding[] {
  return pages.flatMap((page) => {
    const { path } = page;
    const text = withoutBlocks(page.text);
    // A trailing dash or underscore stands for a family of names: `--no-`, `BOTHWAYS_`.
    const namedFlags = Array.from(text.matchAll(/(?<![\w-])--[a-z][a-z\d-]*(?![\w-])/g), ([flag]) => flag);
    const namedVariables = Array.from(text.matchAll(/\bBOTHWAYS_[A-Z\d_]*[A-Z\d]\b(?![<_])/g), ([name]) => name);
    const unknown = [
      ...namedFlags.filter((flag) => !flag.endsWith("-") && !flags.has(flag)),
      ...namedVariables.filter((name) => !variables.has(name)),
    ];
    return [...new Set(unknown)].map((name) => ({
      page: path,
      fact: `no server knows ${name}`,
      repair: "Correct the name; flags of other programs are listed in scripts/docs/mentions.ts.",
    }));
  });
}
