import type { z } from "zod";
import { createCatalogue, type OptionEntry } from "./catalogue.ts";
import type { KitSchema } from "./kit-options.ts";
import { optionRow, shapeOf } from "./option-table.ts";

/** What help needs to know of a server definition. */
export interface HelpSubject {
  readonly name: string;
  readonly short: string;
  readonly title: string;
  readonly options: z.ZodObject;
  readonly commands?: Readonly<Record<string, { readonly describe: string }>>;
}

const width = 100;
const leftWidth = 30;

/**
 * The text of `--help`: usage, the server's options, then the kit's, each with flag, variable and default.
 *
 * No line is longer than 100 columns.
 */
export function helpText(server: HelpSubject, kitSchema: KitSchema): string {
  const { entries } = createCatalogue(server.short, server.options, kitSchema);
  const positional = entries.find((entry) => entry.positional);
  const own = entries.filter((entry) => entry.owner !== "kit" && entry !== positional);
  const kit = entries.filter((entry) => entry.owner === "kit");
  const lines = [
    ...wrap(`Usage: ${server.name} [options]${positional ? ` ${usageOf(positional)}` : ""}`, 0),
    "",
    ...wrap(server.title, 0),
    ...commandLines(server.commands ?? {}),
    ...section("Arguments", positional ? [positional] : []),
    ...section(`Options of ${server.name}`, own),
    ...section("Options of every Bothways server", kit),
    "",
    ...wrap(
      "A flag wins over its environment variable, that over the config file, that over the default. A config file is " +
        "one JSON object; its keys are the flags without dashes, or the same in camelCase.",
      0,
    ),
    ...wrap("Durations: 500ms, 10s, 5m, 2h. Sizes: 65536, 64kb, 1mib (1kb = 1kib = 1024 bytes).", 0),
    ...wrap("Exit codes: 0 clean end, 1 failure at run time, 2 wrong usage, 78 refused by a safety rule.", 0),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines(commands: NonNullable<HelpSubject["commands"]>): string[] {
  const rows = Object.entries(commands).flatMap(([name, { describe }]) => {
    const [first = "", ...rest] = wrap(`${describe} (${name} --help)`, leftWidth);
    return [`  ${name.padEnd(leftWidth - 2)}${first.trimStart()}`, ...rest];
  });
  return rows.length === 0 ? [] : ["", "Commands, instead of serving:", ...rows];
}

function usageOf(entry: OptionEntry): string {
  const shape = `${shapeOf(entry)}${entry.kind.type === "list" ? " …" : ""}`;
  return entry.required ? shape : `[${shape}]`;
}

function section(title: string, entries: readonly OptionEntry[]): string[] {
  return entries.length === 0 ? [] : ["", ...wrap(`${title}:`, 0), ...entries.flatMap(optionLines)];
}

function optionLines(entry: OptionEntry): string[] {
  const row = optionRow(entry);
  const [variable = ""] = entry.env;
  const left = entry.positional ? usageOf(entry) : row.flag || variable;
  const notes = [
    entry.positional && !entry.secret ? `or --${entry.flag}` : "",
    entry.kind.type === "list" ? "repeatable" : "",
    row.env === "" ? "" : `env ${row.env}`,
    row.default === "" ? "" : `default ${row.default}`,
  ].filter((note) => note !== "");
  const right = wrap(`${row.describe}${notes.length > 0 ? ` [${notes.join("; ")}]` : ""}`, leftWidth);
  const [first = "", ...rest] = right;
  const isShort = left.length <= leftWidth - 4;
  return isShort
    ? [`  ${left.padEnd(leftWidth - 2)}${first.trimStart()}`, ...rest]
    : [...wrap(left, 2), first, ...rest];
}

/** Breaks at spaces, and inside a word only when the word alone is too long. */
function wrap(text: string, indent: number): string[] {
  const room = width - indent;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((long) => pieces(long, room))) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((content) => `${" ".repeat(indent)}${content}`);
}

function pieces(word: string, room: number): string[] {
  return word.length <= room ? [word] : [word.slice(0, room), ...pieces(word.slice(room), room)];
}
