#!/usr/bin/env node
import "@bothways/kit/preflight";
import { bytes, defineServer, duration, option, path, run } from "@bothways/kit";
import { z } from "zod";

// Start: node options.ts ./archives

// #region options
const options = z.object({
  // bare arguments, --dir a --dir b, BOTHWAYS_ARCHIVE_DIR=a:b, or a list in the config file
  directories: option(z.array(path()).min(1), { flag: "dir", positional: true, multiple: true, describe: "Archives." }),
  format: option(z.enum(["zip", "tar"]).default("zip"), { describe: "What new archives are." }),
  maxFile: option(bytes({ max: 1024 ** 3 }).default(64 * 1024 ** 2), { describe: "Largest file, for example 64mib." }),
  timeout: option(duration({ min: 100 }).default(10_000), { describe: "How long packing may take, for example 10s." }),
  // never a flag, because flags stand in process lists: BOTHWAYS_ARCHIVE_PASSWORD or the config file
  password: option(z.string().optional(), { secret: true, describe: "Opens encrypted archives." }),
});
// #endregion

const server = defineServer({
  name: "archive",
  short: "archive",
  version: "1.0.0",
  title: "Archive",
  instructions: "Packs and unpacks archives.",
  options,
  // The values arrive checked: sizes in bytes, durations in milliseconds, lists as arrays.
  open: ({ directories, timeout }) => ({ directories, timeout, async [Symbol.asyncDispose]() {} }),
  tools: [],
  defaultPort: 3011,
});

await run(server);
