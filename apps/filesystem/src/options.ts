import { bytes, duration, option } from "@bothways/kit";
import { z } from "zod";

const kib = 1024;
const mib = 1024 * kib;

/** The options of this server, beside those of the kit. */
export const options = z.object({
  directories: option(z.array(z.string().min(1)).default([]), {
    flag: "dir",
    positional: true,
    multiple: true,
    placeholder: "<dir>[:ro|:rw]",
    describe: "Directories the tools may use. The deepest one that contains a path decides its access.",
  }),
  deny: option(z.array(z.string().min(1)).default([]), {
    multiple: true,
    placeholder: "<glob>",
    describe: "Paths no tool may touch or show: a name at any depth, or with / a path below its directory.",
  }),
  disableTools: option(z.array(z.string()).default([]).transform(separated), {
    multiple: true,
    placeholder: "<a,b>",
    describe: "Tools that do not exist for clients.",
  }),
  roots: option(z.enum(["narrow", "ignore", "replace"]).optional(), {
    describe: "What a client's roots do to the directories; narrow when there are any, else replace.",
  }),
  maxRead: option(bytes({ min: 4 * kib, max: 16 * mib }).default(256 * kib), {
    placeholder: "<size>",
    describe: "Largest text of one answer.",
  }),
  maxFile: option(bytes({ min: 1 }).default(64 * mib), {
    placeholder: "<size>",
    describe: "Largest file that edit_file loads and write_file keeps in memory.",
  }),
  hardlinks: option(z.enum(["break", "deny", "in-place"]).default("break"), {
    describe: "Writing a file that has several names: replace this name only, refuse, or write in place.",
  }),
  legacyEncoding: option(z.string().min(1).default("windows-1252"), {
    placeholder: "<name>",
    describe: "Encoding of text that is neither UTF-8 nor UTF-16.",
  }),
  searchTimeout: option(duration({ min: 1000, max: 120_000, plain: "s" }).default(15_000), {
    placeholder: "<s>",
    describe: "Deadline of one search or tree walk.",
  }),
  ripgrep: option(z.enum(["auto", "off"]).default("auto"), {
    describe: "Whether content search may use ripgrep; off searches in JavaScript.",
  }),
});

/** The names in a list of lists, each of them separated by commas. */
function separated(lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split(",").map((name) => name.trim())).filter((name) => name !== "");
}

/** The values of `options`, as `serve` takes them. */
export type FileSystemOptions = z.output<typeof options>;
